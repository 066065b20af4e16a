import { z } from 'zod';

const per = z
  .strictObject({
    estimate: z.number(),
    low: z.number().nullable(),
    high: z.number().nullable(),
  })
  .describe('low and high: 95 % by the run’s own course; null where it is too short to know');

const counted = {
  unit: z
    .enum(['step', 'epoch', 'million-tokens'])
    .describe('what is counted, by the run’s own output'),
  label: z.string().describe('which of several bars; empty where there is one'),
  count: z.number().describe('between the first and the last reading, over restarts'),
  secondsPer: per,
  gpuHoursPer: per,
  costPer: per.nullable().describe('money for one while it progressed; null without a rate'),
};

/** What the run itself counted, and what one of it cost; null where no progress was read. */
export const workSchema = z.strictObject({
  ...counted,
  start: z.iso.datetime(),
  end: z.iso.datetime(),
  billedGpuHoursPer: z
    .number()
    .describe('everything billed, start-up and idle time included, for one'),
  billedCostPer: z.number().nullable(),
  counters: z.array(z.strictObject(counted)).describe('the other counters of the run'),
  projected: z
    .strictObject({
      unit: counted.unit,
      count: z.number(),
      total: z.number(),
      ended: z
        .boolean()
        .optional()
        .describe('true where the command ended before its total: then nothing more is to come'),
      end: z.iso.datetime(),
      gpuHours: per,
      cost: per.nullable(),
    })
    .nullable()
    .describe('the whole run’s bill at this pace; null where it is over, or says no total'),
});
