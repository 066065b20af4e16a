import { z } from 'zod';
import { finding } from './finding-schema.ts';
import { idleTimeoutsSchema } from './idle-timeouts-schema.ts';
import { reconciliationSchema } from './reconciliation-schema.ts';
import { cost, gpuHours, hours, instant, money, share } from './schema-terms.ts';
import { timelineSchema } from './timeline-schema.ts';
import { workSchema } from './work-schema.ts';

const ratePart = z.strictObject({
  name: z.string(),
  quantity: z.number(),
  unit: z.enum(['machine', 'GPU', 'vCPU', 'GiB', 'compute unit', 'kWh']),
  perUnitHour: money,
  asOf: z.iso.date().nullable(),
  source: z.string(),
  confidence: z.enum(['high', 'medium', 'low', 'none']),
});

const rate = z.strictObject({
  currency: z.string(),
  perHour: money,
  perGpuHour: money
    .nullable()
    .describe('null where the number of GPUs of the machine is not known'),
  parts: z.array(ratePart),
});

const machine = z.strictObject({
  id: z.string(),
  host: z.string().nullable(),
  provider: z.string().nullable(),
  type: z.string().nullable(),
  region: z.string().nullable(),
  purchase: z.string().nullable(),
  detectedBy: z.enum(['flag', 'config', 'environment', 'dmi', 'metadata', 'shape', 'none']),
  gpuCount: z.number().int().describe('GPUs of the machine, hidden ones included'),
  gpuShare: z.string().nullable(),
  bills: z.enum(['machine', 'allocation']).nullable(),
  runs: z.array(
    z.strictObject({
      start: instant,
      end: instant,
      startedBy: z.enum(['start', 'boot', 'launch', 'time']),
      billedSeconds: z.number(),
    }),
  ),
  rate: rate.nullable().describe('null: hours are reported, money is not'),
  hiddenGpus: z.strictObject({
    count: z.number().int(),
    gpuHours: hours,
    cost: money.nullable(),
    periods: z
      .array(
        z.strictObject({
          start: instant,
          end: instant,
          gpuHours: hours,
          roundingGpuHours: hours.describe('part of gpuHours; the rest is unobserved'),
          cost: money.nullable(),
          roundingCost: money.nullable(),
        }),
      )
      .optional()
      .describe('clock hours, UTC; left out where none is hidden'),
  }),
  gpuHours,
  cost: cost.nullable(),
});

const distribution = z.strictObject({
  mean: z.number(),
  p5: z.number(),
  p50: z.number(),
  p95: z.number(),
});

const gpu = z.strictObject({
  id: z.string(),
  machine: z.string(),
  index: z.number().int().nullable(),
  uuid: z.string().nullable(),
  name: z.string().nullable(),
  memoryTotalMib: z.number().nullable(),
  powerLimitW: z.number().nullable(),
  gpuHours,
  cost: cost.nullable(),
  utilizationPct: distribution.nullable(),
  memoryUsedMib: z.strictObject({ mean: z.number(), max: z.number() }).nullable(),
  powerW: z.strictObject({ mean: z.number(), max: z.number() }).nullable(),
});

const groupRow = z.strictObject({
  name: z.string(),
  gpuHours,
  cost: cost.nullable(),
  kind: z
    .enum(['owner', 'unowned'])
    .optional()
    .describe('by process, user, container or job; unowned: no known owner answers for it'),
  gpus: z.array(z.string()).optional(),
  start: instant.nullable().optional().describe('when a process of it was first listed'),
  end: instant.nullable().optional(),
  splitBy: z
    .strictObject({ alone: hours, smUtilization: hours, memory: hours, equal: hours })
    .nullable()
    .optional()
    .describe('GPU-hours that were divided by each basis; alone: nobody else was on the GPU'),
});

const readings = z.array(z.number().nullable());
const milliseconds = z.array(z.number().int().min(0));

const series = z
  .strictObject({
    gpu: z.string(),
    windowMs: z.number(),
    start: z.array(z.number()).describe('epoch milliseconds; a point covers windowMs from here'),
    utilizationPctMin: readings,
    utilizationPctMax: readings,
    memoryUsedMib: readings,
    memoryUsedMibMin: readings,
    powerW: readings,
    powerWMin: readings,
    load: readings,
    loadMin: readings,
    stateMs: z
      .strictObject({
        effective: milliseconds,
        underfilled: milliseconds,
        throttled: milliseconds,
        waiting: milliseconds,
        heldIdle: milliseconds,
        emptyIdle: milliseconds,
      })
      .describe('what is missing to windowMs was not observed'),
  })
  .describe('lowest and highest value of each point; without Min in the name it is the highest');

/** The report, schema gpucost.report/1: a public contract. Adding a key is minor; renaming or removing one raises the number. */
export const reportSchema = z.strictObject({
  schema: z.literal('gpucost.report/1'),
  tool: z.strictObject({ name: z.literal('gpucost'), version: z.string() }),
  generatedAt: instant,
  sources: z.array(
    z.strictObject({
      kind: z.enum(['session', 'nvidia-smi-csv']),
      name: z.string(),
      machine: z.string(),
      samples: z.number().int(),
    }),
  ),
  window: z.strictObject({
    start: instant,
    end: instant,
    observedShare: z.number().min(0).max(1),
    intervalMs: z.number(),
  }),
  machines: z.array(machine),
  gpuHours,
  cost: cost
    .nullable()
    .describe('null without a rate for each machine, or with several currencies'),
  gpus: z.array(gpu),
  groups: z
    .strictObject({
      by: z.enum(['gpu', 'process', 'user', 'container', 'job', 'host']),
      rows: z.array(groupRow),
    })
    .nullable(),
  periods: z.array(
    z.strictObject({
      start: instant,
      end: instant,
      gpu: z.string(),
      gpuHours,
      cost: cost.nullable(),
    }),
  ),
  work: workSchema.nullable().optional().describe('null where no progress was read'),
  noise: z
    .strictObject({
      byState: z.strictObject({
        effective: share,
        underfilled: share,
        throttled: share,
        waiting: share,
        heldIdle: share,
        emptyIdle: share,
      }),
      wasted: share,
    })
    .nullable()
    .optional()
    .describe(
      'standard errors of shares of the observed GPU time, by batch means over the run; null where it is too short to know',
    ),
  findings: z.array(finding).describe('the most expensive first'),
  recoverable: z
    .strictObject({
      findings: z.array(z.string()).min(1).describe('fingerprints'),
      gpuHours: hours,
      cost: money
        .nullable()
        .describe('null where a machine has no rate, or with several currencies'),
      currency: z.string().nullable(),
    })
    .nullable()
    .optional()
    .describe(
      'an upper bound of what the first three findings could win back together, overlapping claims counted once; null where there is nothing',
    ),
  idleTimeouts: z
    .array(idleTimeoutsSchema)
    .optional()
    .describe('of machines that were idle as a whole for 5 minutes and more'),
  suppressed: z
    .array(
      finding.extend({
        suppression: z.strictObject({
          reason: z.string(),
          until: z.iso.date().describe('the last day on which it holds, UTC'),
        }),
      }),
    )
    .optional()
    .describe(
      'what was found, and the project file accepts; in notJudged as well, as they fail no gate',
    ),
  notJudged: z.array(
    z.strictObject({ rule: z.string(), gpus: z.array(z.string()), reason: z.string() }),
  ),
  gates: z.array(
    z.strictObject({
      name: z.string(),
      limit: z.union([z.number(), z.string()]),
      actual: z.union([z.number(), z.string()]).nullable(),
      result: z
        .enum(['pass', 'warn', 'fail', 'not-judged'])
        .describe('fail is exit code 1; warn is a broken limit of level warn'),
      level: z.enum(['warn', 'error']).optional(),
      reason: z.string().nullable().optional().describe('why it was not judged'),
    }),
  ),
  warnings: z.array(z.strictObject({ code: z.string(), message: z.string() })),
  reconciliation: reconciliationSchema.optional().describe('only with --invoice'),
  timeline: z
    .array(timelineSchema)
    .optional()
    .describe('each GPU in its parts: start-up, active phases, pauses, idle time, tear-down'),
  series: z.array(series).optional().describe('only with --series'),
});

/** The published JSON Schema of the report (draft 2020-12). */
export function reportJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(reportSchema);
  return { $id: 'gpucost.report/1', title: 'gpucost report', ...schema };
}
