import { z } from 'zod';
import { reportSchema } from '../report/schema.ts';

const { shape } = reportSchema;

/** Of a report what a comparison reads. Keys that a later version added are passed over, those that an older one lacked may be missing. */
const readSchema = z.object({
  schema: shape.schema,
  window: z.object({ start: z.string(), end: z.string(), observedShare: z.number() }),
  machines: z.array(
    z.object({
      provider: z.string().nullable(),
      type: z.string().nullable(),
      gpuCount: z.number(),
    }),
  ),
  gpus: z.array(z.object({ name: z.string().nullable() })),
  gpuHours: z.object({
    billed: z.number(),
    observed: z.number(),
    effective: z.object({
      estimate: z.number(),
      low: z.number(),
      high: z.number(),
      basis: z.string(),
    }),
    byState: z.object({
      effective: z.number(),
      underfilled: z.number(),
      throttled: z.number(),
      waiting: z.number(),
      heldIdle: z.number(),
      emptyIdle: z.number(),
    }),
  }),
  cost: z
    .object({
      currency: z.string(),
      billed: z.number(),
      byState: z.record(z.string(), z.number()),
    })
    .nullable(),
  findings: z.array(
    z.object({
      rule: z.string(),
      fingerprint: z.string(),
      title: z.string(),
      recoverable: z.object({ gpuHours: z.number(), cost: z.number().nullable() }),
    }),
  ),
  notJudged: z.array(z.object({ rule: z.string(), reason: z.string() })),
  work: shape.work,
  noise: shape.noise,
});

/** A report as far as a comparison needs it. */
export type ReadReport = z.infer<typeof readSchema>;

/** The report, or what is wrong with it: the schema that was found, or the first key that is not as expected. */
export function readReport(
  value: unknown,
): { readonly report: ReadReport } | { readonly problem: string } {
  const schema =
    typeof value === 'object' && value !== null && 'schema' in value ? value.schema : undefined;
  if (schema !== 'gpucost.report/1') {
    const found = typeof schema === 'string' ? `"${schema}"` : 'no schema';
    return { problem: `expected the schema "gpucost.report/1", found ${found}` };
  }
  const read = readSchema.safeParse(value);
  if (read.success) return { report: read.data };
  const [issue] = read.error.issues;
  return { problem: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a report'}` };
}
