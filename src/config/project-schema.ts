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

const level = z.enum(['off', 'warn', 'error'], { error: 'off, warn or error' });

/** A gate: its limit alone is an error, `{ limit, level }` says what else a broken one is. */
const gate = <T extends z.ZodType>(value: T, expected: string) =>
  z.union([value, z.strictObject({ limit: value, level })], {
    error: `${expected}, or { limit: …, level: off|warn|error }`,
  });

const duration = z
  .string('a duration such as 5m')
  .refine((value) => durationMs(value) !== null, 'a duration such as 5m')
  .transform((value) => durationMs(value) ?? 0);

const budgets = z.strictObject({
  max_waste: gate(shareText, 'a share such as 40% or 0.4').optional(),
  min_effective: gate(shareText, 'a share such as 40% or 0.4').optional(),
  max_cost: gate(anyNumber, 'an amount of money').optional(),
  fail_on: z.array(gate(text, 'a severity or a rule')).optional(),
  /** True: a gate that can't be judged counts as broken, as with --strict. */
  strict: z.boolean('true or false').optional(),
  /** What a gate needs before it judges; see gate-evidence.ts for the defaults. */
  evidence: z
    .strictObject({
      coverage: shareText.optional(),
      duration: duration.optional(),
      standard_errors: anyNumber.optional(),
    })
    .optional(),
});

/** Digits alone, or with one e, are a number in YAML. */
const fingerprint = z
  .union([z.string(), z.custom<NumberText>((value) => value instanceof NumberText)])
  .transform((value) => (typeof value === 'string' ? value : value.text))
  .refine(
    (value) => /^[0-9a-f]{16}$/.test(value),
    "a finding's fingerprint of 16 hexadecimal digits, as in the JSON report",
  );

const accountId = z.union(
  [
    text,
    z.custom<NumberText>((value) => value instanceof NumberText).transform(({ text }) => text),
  ],
  { error: 'an account id' },
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
  suppressions: z
    .array(
      z.strictObject({
        rule: text,
        fingerprint: fingerprint.optional(),
        reason: text,
        until: date,
      }),
    )
    .optional(),
  budgets: budgets.optional(),
  /** Who is billed, for --format focus; ids may be written as numbers. */
  focus: z
    .strictObject({
      billing_account_id: accountId,
      billing_account_name: text.optional(),
      billing_account_type: text.optional(),
      sub_account_id: accountId.optional(),
      sub_account_name: text.optional(),
      sub_account_type: text.optional(),
    })
    .optional(),
});

export type ProjectSettings = z.infer<typeof projectSchema>;
