import { z } from 'zod';
import { count, name, quantity, text } from './schema-terms.ts';

const figure = quantity.nullable();

const migProfile = z.strictObject({
  profile: name,
  slices: count,
  sms: count.nullable(),
  memory_gib: quantity,
  most: count,
  note: text.optional(),
});

const gpu = z.strictObject({
  name: name.describe('As nvidia-smi prints it.'),
  aliases: z
    .array(name)
    .optional()
    .describe('Other names that drivers or Kubernetes labels give it.'),
  architecture: text,
  compute_capability: z.string('a version as text, such as "9.0"'),
  memory_gib: quantity,
  bandwidth_gbs: figure,
  tflops: z
    .strictObject({ fp32: figure, tf32: figure, fp16: figure, fp8: figure })
    .describe('Dense rates; fp16 is fp16 or bf16 with tensor cores where there are any.'),
  power_limit_w: figure,
  idle_w: z
    .strictObject({ empty: figure, context: figure })
    .describe('Typical draw with nothing on the GPU, and with a CUDA context on it.'),
  gpm: z.boolean('true, false or null').nullable().describe('GPM metrics; null is not confirmed.'),
  mig: z.array(migProfile).optional(),
  sources: z.strictObject({ name: text, figures: text }),
  confidence: z.enum(['high', 'medium', 'low'], 'high, medium or low'),
  note: text.optional(),
});

/** The GPU table, rates/gpus.yaml. */
export const gpuTableSchema = z.strictObject({
  schema: z.literal('gpucost.gpus/1', 'gpucost.gpus/1'),
  gpus: z.record(name, gpu),
});

export type GpuTable = z.output<typeof gpuTableSchema>;
export type GpuEntry = GpuTable['gpus'][string];
