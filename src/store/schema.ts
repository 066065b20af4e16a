import { z } from 'zod';
import { hostColumns, jobColumns } from '../host/columns.ts';
import { mountKinds } from '../host/mounts.ts';
import { gpuColumns } from '../sample/columns.ts';
import { sessionSchema } from './header.ts';

/** For the published JSON Schema and the tests; reading goes by line-check.ts, which has no time for zod. */
const reading = z.number().nullable();
const time = z.int().describe('Epoch milliseconds, UTC');
const position = z.int().min(0).describe('Position in the latest list of GPUs');

const gpuIdentity = z.object({
  id: z.string().describe('The UUID, or <source>#<index> where there is none'),
  uuid: z.string().nullable(),
  index: z.int().nullable(),
  name: z.string().nullable(),
  pciBusId: z.string().nullable(),
  memoryTotalMib: reading,
  powerLimitW: reading,
  clockSmMaxMhz: reading,
  clockMemoryMaxMhz: reading,
  pcieLinkGenMax: reading,
  pcieLinkWidthMax: reading,
  persistenceMode: z.boolean().nullable(),
  displayActive: z.boolean().nullable(),
  migMode: z.boolean().nullable(),
});

const header = z
  .object({
    kind: z.literal('header'),
    schema: z.literal(sessionSchema),
    id: z.string(),
    tool: z.string(),
    startedAt: time,
    intervalMs: z.number().positive(),
    hostIntervalMs: z.number().positive(),
    host: z.object({
      name: z.string(),
      key: z.string().describe('A hash of the machine id: equal for sessions of one host'),
      cpus: z.number(),
      memoryMib: z.number(),
      bootedAt: time.nullable(),
      container: z.boolean(),
    }),
    driver: z.string().nullable(),
    gpus: z.array(gpuIdentity),
    columns: z.array(z.enum(gpuColumns)).describe('The order of values in tick rows'),
    hostColumns: z.array(z.enum(hostColumns)).describe('The order of values in host lines'),
    jobColumns: z.array(z.enum(jobColumns)).describe('The order of values in job lines'),
    command: z.string().nullable(),
    machine: z
      .object({
        provider: z.string().nullable(),
        type: z.string().nullable(),
        region: z.string().nullable(),
        purchase: z.string().nullable(),
        detectedBy: z.enum(['flag', 'config', 'environment', 'dmi', 'metadata', 'shape', 'none']),
        launchedAt: time.nullable(),
      })
      .nullable(),
  })
  .describe('Opens a session and each of its segments');

const gpus = z
  .object({ kind: z.literal('gpus'), t: time, gpus: z.array(gpuIdentity) })
  .describe("The list of GPUs changed: replaces the header's, positions are kept");

const tick = z
  .object({ kind: z.literal('tick'), t: time, rows: z.array(z.array(reading).min(1)) })
  .describe('One reading of all GPUs that answered; a row is a position and the values of columns');

const host = z.object({ kind: z.literal('host'), t: time, values: z.array(reading) });

const processOwner = z
  .object({
    startedAt: time.nullable(),
    startTicks: z.int().describe('Clock ticks from boot to its start: with the pid it is unique'),
    uid: z.int().nullable(),
    user: z.string().nullable(),
    container: z
      .object({ runtime: z.string().nullable(), id: z.string() })
      .nullable()
      .describe('docker, containerd, podman, cri-o, apptainer; the first twelve characters'),
    pod: z
      .object({
        uid: z.string(),
        namespace: z.string().nullable(),
        name: z.string().nullable(),
      })
      .nullable(),
    slurmJob: z.string().nullable(),
    slurmStep: z.string().nullable(),
    unit: z.string().nullable().describe('Systemd service, scope or slice'),
    launcher: z
      .object({ pid: z.int(), startTicks: z.int(), name: z.string() })
      .nullable()
      .describe('Top of its process tree below shells, schedulers and the like'),
    rank: z.int().nullable(),
    rendezvousPort: z.int().nullable(),
  })
  .describe('Whose a process is, from its cgroup, user, parents and named variables; read once');

const processes = z
  .object({
    kind: z.literal('processes'),
    t: time,
    visible: z.boolean(),
    processes: z.array(
      z.object({
        gpu: position,
        pid: z.int(),
        name: z.string(),
        memoryMib: reading,
        owner: processOwner.optional(),
      }),
    ),
  })
  .describe(
    'Compute processes from this time on; written when they change and at the start of a segment',
  );

const shares = z
  .object({
    kind: z.literal('shares'),
    t: time,
    rows: z.array(z.tuple([position, z.int(), z.number()])),
  })
  .describe(
    'SM utilization (per cent) of the processes on GPUs that several share, since the line before; a row is a position, a pid and the reading',
  );

const job = z
  .object({
    kind: z.literal('job'),
    t: time,
    pid: z.int(),
    name: z.string(),
    gpus: z.array(position),
    values: z.array(reading),
  })
  .describe('One GPU process with its descendants');

const waits = z
  .object({
    kind: z.literal('waits'),
    t: time,
    pid: z.int(),
    gpus: z.array(position),
    mounts: z.array(
      z.object({
        point: z.string(),
        type: z.string(),
        store: z.enum(mountKinds),
        found: z.int().min(1).describe('Looks that found a process waiting for it'),
        writing: z.int().min(0).describe('Of those, in a call that writes'),
        readBytesPerS: reading.describe('From its server; NFS alone counts it'),
        readMs: reading.describe('Milliseconds of a read there'),
      }),
    ),
    unplaced: z.int().min(0).describe('Found waiting; for which mount was not to be told'),
  })
  .describe(
    "For which mounts a GPU process's tree was found waiting since the line before; written while it waits",
  );

const event = z.object({
  kind: z.literal('event'),
  t: time,
  code: z.enum([
    'driver-lost',
    'driver-back',
    'gpu-lost',
    'gpu-back',
    'field-unsupported',
    'reading-failed',
    'persistence-off',
    'mig',
    'processes-hidden',
    'host-signal-missing',
    'xid',
    'gpu-health',
    'warning',
  ]),
  message: z.string(),
  xid: z
    .object({
      code: z.int(),
      gpu: position.nullable().describe('Null for a GPU that is not watched'),
      pid: z.int().nullable(),
      name: z.string().nullable(),
      recovery: z.string().nullable().describe('What the driver asks for from here on (code 154)'),
      count: z.int().min(1).describe('Alike ones since the reading of the log before'),
    })
    .optional()
    .describe("With code xid: an error of a GPU in the kernel's log"),
});

const progress = z
  .object({
    kind: z.literal('progress'),
    t: time,
    unit: z.enum(['step', 'epoch', 'token']),
    label: z.string().describe('Which of several counters of this unit; empty where there is one'),
    count: z.number().describe('As it was shown'),
    total: reading,
    done: z.number().describe('Counted in this session: the sum of its differences'),
  })
  .describe("A reading of a counter of the run's own progress");

const end = z.object({
  kind: z.literal('end'),
  t: time,
  reason: z.enum(['duration', 'interrupt', 'terminated', 'command-ended', 'failed']),
});

const scale = z
  .number()
  .positive()
  .optional()
  .describe('Readings are divided by it; 1 if left out');

const column = z
  .union([
    reading.describe('Every reading is this'),
    z.array(reading).describe('The readings as they are'),
    z.object({
      scale,
      runs: z.array(reading).describe('value, count, value, count, …; reading = value / scale'),
    }),
    z.object({
      scale,
      from: z
        .int()
        .optional()
        .describe('The first reading; digits then are changes to the next one'),
      min: z.int().optional(),
      step: z.int().optional(),
      width: z.int().min(1).max(15),
      digits: z
        .string()
        .regex(/^[0-9-]*$/)
        .describe(
          'width characters a reading, (min + step × number) / scale; hyphens are a missing reading',
        ),
    }),
  ])
  .describe('The readings of one column');

const blockOf = { kind: z.literal('block'), n: z.int().min(1), t: column };
const block = z
  .discriminatedUnion('series', [
    z.object({
      ...blockOf,
      series: z.literal('gpu'),
      gpu: position,
      columns: z.partialRecord(z.enum(gpuColumns), column),
    }),
    z.object({
      ...blockOf,
      series: z.literal('host'),
      columns: z.partialRecord(z.enum(hostColumns), column),
    }),
    z.object({
      ...blockOf,
      series: z.literal('job'),
      pid: z.int(),
      name: z.string(),
      gpus: z.array(position),
      columns: z.partialRecord(z.enum(jobColumns), column),
    }),
  ])
  .describe('The tick, host or job lines of one series in a finished segment, in columns');

/** One line of a session. Readers pass over kinds and keys that they do not know. */
export const sessionLineSchema = z
  .union([header, gpus, tick, host, processes, shares, job, waits, event, progress, end, block])
  .meta({
    title: 'A line of a gpucost session',
    description:
      'A session is a folder of segments, 000001.jsonl.gz and so on, the one being written without .gz. ' +
      'A segment is JSON lines in this schema, a header first, and a session of its own; so are segments joined by cat.',
  });

/** The JSON Schema of a line of a session (`gpucost schema session`). */
export function sessionJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(sessionLineSchema);
}
