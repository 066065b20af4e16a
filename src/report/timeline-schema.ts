import { z } from 'zod';
import { segmentKinds } from '../usage/segment-kinds.ts';

const instant = z.iso.datetime().describe('ISO 8601, UTC');

/** What a GPU, or a job on it, did one after the other. */
export const timelineSchema = z.strictObject({
  gpu: z.string(),
  job: z
    .string()
    .nullable()
    .describe('null: the whole GPU; else a job on it, over the time that it was there'),
  joinedBelowSeconds: z
    .number()
    .describe('where there were too many, shorter parts were joined to a neighbour; 0: none was'),
  segments: z.array(
    z.strictObject({
      kind: z.enum(segmentKinds),
      start: instant,
      end: instant,
      gpuHours: z.number().min(0),
      effectiveGpuHours: z.number().min(0),
      utilizationPct: z.number().nullable().describe('mean; null where nothing was observed'),
      load: z.number().nullable().describe('mean; null without the power basis'),
    }),
  ),
});
