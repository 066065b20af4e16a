import { z } from 'zod';
import { hours, instant, money } from './schema-terms.ts';

const intervals = z.array(z.strictObject({ start: instant, end: instant }));

/** One rule's detection, as the report tells it. */
export const finding = z.strictObject({
  rule: z.string(),
  fingerprint: z.string(),
  severity: z.enum(['info', 'warning', 'critical']),
  confidence: z.number().min(0).max(1),
  gpus: z.array(z.string()),
  title: z.string(),
  summary: z.string(),
  evidence: z
    .array(
      z.strictObject({
        signal: z.string(),
        value: z.number(),
        unit: z.string(),
        threshold: z.number().nullable(),
        comparison: z.enum(['>=', '<=', '>', '<']).nullable(),
      }),
    )
    .min(1),
  intervals: intervals.describe('when it was seen on any of its GPUs'),
  gpuIntervals: z
    .array(z.strictObject({ gpu: z.string(), intervals }))
    .optional()
    .describe('the same for each GPU; absent where it was seen at the same times on all of them'),
  recoverable: z
    .strictObject({
      gpuHours: hours,
      cost: money.nullable(),
      perDay: z
        .strictObject({ gpuHours: hours, cost: money.nullable() })
        .nullable()
        .optional()
        .describe(
          'the same if 24 h went on like the observed time of the machine; null where less than an hour was observed',
        ),
    })
    .describe('an upper bound; findings overlap, so these are never added up'),
  remediation: z.array(z.strictObject({ action: z.string(), detail: z.string() })),
  alternatives: z
    .array(z.strictObject({ rule: z.string(), confidence: z.number().min(0).max(1) }))
    .optional()
    .describe(
      'other causes whose signals explain at least half of the same time, the best supported first',
    ),
  decidingTest: z
    .strictObject({
      action: z.string(),
      detail: z.string(),
      outcomes: z.array(z.strictObject({ seen: z.string(), causes: z.array(z.string()) })),
    })
    .nullable()
    .optional()
    .describe(
      'the run that tells the causes apart; null where the finding names no cause of a wait',
    ),
});
