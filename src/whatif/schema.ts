import { z } from 'zod';
import { dtypes } from './dtypes.ts';

const money = z.number().describe('in the currency named beside it');
const range = <T extends z.ZodType>(value: T) =>
  z.strictObject({
    low: value,
    high: value.nullable().describe('null where nothing bounds it'),
  });

const rate = z.strictObject({
  currency: z.string(),
  perHour: money.describe('of the whole machine, or of what the allocation holds'),
  asOf: z.iso.date().nullable().describe('of its oldest part; null where one has no date'),
  source: z.string(),
  confidence: z.enum(['high', 'medium', 'low', 'none']).describe('of its weakest part'),
});

const memory = z.strictObject({
  verdict: z.enum(['fits', 'too-small', 'unknown']),
  neededMib: z
    .strictObject({ low: z.number(), high: z.number() })
    .describe('per device: the highest memory in use, with the reserve'),
  deviceMib: z.number(),
  reserveShare: z.number(),
});

const host = z.strictObject({
  vcpus: z.number().nullable(),
  memoryGib: z.number().nullable().describe('null where the card does not say what goes with it'),
  verdict: z
    .enum(['carries', 'too-small', 'not-compared'])
    .describe('of the cores kept busy and the memory in use on the host here'),
});

const option = z.strictObject({
  provider: z.string().nullable(),
  type: z.string().nullable(),
  region: z.string().nullable(),
  purchase: z.string().nullable(),
  gpu: z.string().describe('key of the GPU table, with the profile or share of a part'),
  gpusUsed: z.number().int().describe('whole GPUs, or parts of them'),
  machineGpus: z.number().int().nullable().describe('null where any count is sold'),
  memory,
  host,
  slowdown: range(z.number())
    .nullable()
    .describe(
      'time of the same work over its time here; null where it does not fit, or the GPU table lacks a figure',
    ),
  ratios: z
    .array(
      z.strictObject({
        of: z.enum(['bandwidth', 'fp32', 'tf32', 'fp16', 'fp8']),
        value: z.number(),
      }),
    )
    .describe("what the slowdown rests on: this GPU's figure over the other's, dense rates"),
  hours: range(z.number()).nullable().describe('of the same work'),
  cost: range(money).extend({ currency: z.string() }).nullable().describe('of the same work'),
  basis: z
    .enum(['machine', 'gpus-at-work'])
    .describe(
      'what cheaper and breakEvenSlowdown compare on both sides: whole machines, or, where slices of GPUs are counted alone, the GPUs at work here',
    ),
  cheaper: z
    .enum(['yes', 'maybe', 'no'])
    .nullable()
    .describe('than the same work here: over the whole range, in a part of it, nowhere'),
  breakEvenSlowdown: z
    .number()
    .nullable()
    .describe('the slowdown at which the same work costs as much as here'),
  rate: rate.nullable(),
  notes: z.array(z.string()),
});

const machine = z.strictObject({
  id: z.string(),
  host: z.string().nullable(),
  current: z.strictObject({
    provider: z.string().nullable(),
    type: z.string().nullable(),
    region: z.string().nullable(),
    purchase: z.string().nullable(),
    gpu: z.string().nullable(),
    gpus: z.number().int().describe('that were seen'),
    rate: rate.nullable(),
  }),
  refused: z.string().nullable().describe('why the need of this work is not known'),
  work: z
    .strictObject({
      hours: z.number().describe('in which some GPU worked; only these are compared'),
      idleHours: z.number().describe('billed beside them: as long on any machine'),
      gpusAtWork: z.number().int(),
      busyShare: z.number().min(0).max(1),
      load: z.number().min(0).max(1).nullable(),
      memoryPeakMib: z.number(),
      host: z
        .strictObject({ cores: z.number().nullable(), memoryGib: z.number().nullable() })
        .describe('used of the host while GPUs worked; null where it was not recorded'),
      cost: money.nullable(),
    })
    .nullable(),
  options: z.array(option),
  leftOut: z
    .strictObject({
      tooSmall: z.number().int(),
      notComparable: z.number().int(),
      noPrice: z.number().int(),
    })
    .nullable()
    .describe('machines of the cards that are not listed; null where one was asked for'),
  notes: z.array(z.string()),
});

/** What other machines would make of recorded work, schema gpucost.whatif/1: a public contract like the report's. */
export const whatifSchema = z.strictObject({
  schema: z.literal('gpucost.whatif/1'),
  tool: z.strictObject({ name: z.literal('gpucost'), version: z.string() }),
  generatedAt: z.iso.datetime(),
  asked: z.strictObject({
    machine: z.string().nullable(),
    mig: z.string().nullable(),
    gpus: z.number().int().nullable(),
    purchase: z.string().nullable(),
    dtype: z.enum(dtypes).nullable(),
    provider: z.string().nullable(),
  }),
  machines: z.array(machine),
  warnings: z.array(z.strictObject({ code: z.string(), message: z.string() })),
});

export type Whatif = z.infer<typeof whatifSchema>;
export type WhatifMachine = Whatif['machines'][number];
export type WhatifOptionEntry = WhatifMachine['options'][number];

/** The published JSON Schema of `gpucost whatif --json` (draft 2020-12). */
export function whatifJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(whatifSchema);
  return { $id: 'gpucost.whatif/1', title: 'gpucost whatif', ...schema };
}
