import { z } from 'zod';

const verdict = z
  .enum(['better', 'worse', 'same', 'unknown'])
  .describe(
    'same: within the noise of both runs; unknown: the noise is not known, see notCompared',
  );

const side = z.strictObject({
  name: z.string(),
  start: z.iso.datetime(),
  end: z.iso.datetime(),
  machines: z.string().describe('provider/type, or the number of GPUs where the type is not known'),
  gpus: z.string().describe('models'),
  observedShare: z.number(),
  billedGpuHours: z.number(),
  billedCost: z.number().nullable(),
  currency: z.string().nullable(),
  perGpuHour: z.number().nullable().describe('billed cost / billed GPU-hours'),
});

const ratio = z
  .strictObject({
    before: z.number(),
    after: z.number(),
    change: z.number().describe('after / before − 1'),
    noise: z
      .number()
      .nullable()
      .describe('half the width of the band around change; null where it is not known'),
  })
  .describe('two amounts for one and the same');

const amount = z.strictObject({
  share: z.number().describe('of the observed GPU time, 0–1'),
  gpuHours: z.number(),
  cost: z.number().nullable(),
});

/** A comparison of two reports, schema gpucost.diff/1: a public contract like the report's. */
export const diffSchema = z.strictObject({
  schema: z.literal('gpucost.diff/1'),
  tool: z.strictObject({ name: z.literal('gpucost'), version: z.string() }),
  generatedAt: z.iso.datetime(),
  before: side,
  after: side,
  verdict: verdict.describe(
    'by the work where both counted it, else by the price of an effective GPU-hour',
  ),
  work: z
    .array(
      z.strictObject({
        unit: z.enum(['step', 'epoch', 'million-tokens']),
        label: z.string(),
        secondsPer: ratio,
        gpuHoursPer: ratio,
        costPer: ratio.nullable().describe('null without a price on both sides in one currency'),
        verdict,
      }),
    )
    .describe(
      'what both runs counted, the first is what the verdict goes by; empty without progress',
    ),
  effectiveHour: z
    .strictObject({
      gpuHours: ratio.describe('observed GPU-hours for one effective GPU-hour'),
      cost: ratio.nullable().describe('the same in money'),
      verdict,
    })
    .nullable()
    .describe('null where one of the two did nothing, or the estimates can’t be compared'),
  states: z.array(
    z.strictObject({
      state: z.enum(['effective', 'underfilled', 'throttled', 'waiting', 'heldIdle', 'emptyIdle']),
      before: amount,
      after: amount,
      change: z.number().describe('of the shares, after − before'),
      noise: z
        .number()
        .nullable()
        .describe('a smaller difference of the shares says nothing; null where it is not known'),
      verdict,
    }),
  ),
  findings: z.array(
    z.strictObject({
      rule: z.string(),
      fingerprint: z.string(),
      title: z.string(),
      status: z
        .enum(['new', 'worse', 'fixed', 'better', 'same', 'unclear'])
        .describe('unclear: on one side only, but chance or a missing signal can explain it'),
      reason: z.string().nullable().describe('why it is unclear'),
      before: amount.nullable().describe('recoverable at most; null where it was not found'),
      after: amount.nullable(),
    }),
  ),
  notCompared: z.array(z.string()).describe('what can’t be compared, and why'),
  gate: z
    .strictObject({
      by: z.enum(['work', 'effective-hour']),
      limit: z.number(),
      change: z.number().nullable(),
      low: z.number().nullable().describe('the part of change that is beyond doubt'),
      high: z.number().nullable(),
      result: z.enum(['pass', 'fail', 'not-judged']),
      reason: z.string().nullable(),
    })
    .nullable()
    .describe('null without --fail-on-regression'),
});

/** The published JSON Schema of a comparison. */
export function diffJsonSchema(): Record<string, unknown> {
  return { $id: 'gpucost.diff/1', title: 'gpucost diff', ...z.toJSONSchema(diffSchema) };
}
