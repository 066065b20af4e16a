import { z } from 'zod';
import { NumberText } from '../rates/number-text.ts';
import { currency, date, decimal, share, text } from '../rates/schema-terms.ts';
import { durationMs } from './duration.ts';

const shareText = z.union(
  [
    share.transform(Number),
    z
      .string()
      .regex(/^(?:100|\d{1,2}(?:\.\d+)?)%$/)
      .transform((value) => Number(value.slice(0, -1)) / 100),
  ],
  { error: 'a share such as 40% or 0.4' },
);

const anyNumber = z
  .custom<NumberText>(
    (value) => value instanceof NumberText && Number.isFinite(Number(value.text)),
    { error: 'a number' },
  )
  .transform((value) => Number(value.text));

/** A threshold's value: a number in its unit, or a duration for one in milliseconds. */
const limit = z.union(
  [
    anyNumber,
    z
      .string()
      .refine((value) => durationMs(value) !== null)
      .transform((value) => durationMs(value) ?? 0),
  ],
  { error: 'a number, or a duration such as 15m' },
);

/** `.gpucost.yaml`; each error text is the phrase that follows "expected". */
export const projectSchema = z.strictObject({
  machine: text.optional(),
  purchase: text.optional(),
  region: text.optional(),
  /** False: never ask the provider's metadata service, as with --no-network. */
  network: z.boolean('true or false').optional(),
  rates: z.array(text).optional(),
  thresholds: z.record(z.string(), z.record(z.string(), limit)).optional(),
  discounts: z.array(z.strictObject({ provider: text, share, name: text })).optional(),
  exchange: z
    .array(
      z.strictObject({ from: currency, to: currency, rate: decimal, as_of: date, source: text }),
    )
    .optional(),
  suppressions: z.array(z.strictObject({ rule: text, reason: text, until: date })).optional(),
  budgets: z
    .strictObject({
      max_waste: shareText.optional(),
      max_cost: anyNumber.optional(),
      fail_on: z.array(text).optional(),
    })
    .optional(),
});

export type ProjectSettings = z.infer<typeof projectSchema>;
