import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHostReader } from '../../../src/host/host-reader.ts';
import { type GpuColumn, gpuColumns } from '../../../src/sample/columns.ts';
import type { SessionLine } from '../../../src/store/lines.ts';
import { aHeader, sessionStart } from '../../kit/session-lines.ts';
import { reportOnPath } from '../product.ts';
import { each, type Labels, type TruthSet, wasteRules, without } from '../truth-case.ts';
import {
  type FixtureJob,
  type FixtureMount,
  hostFiles,
  inMemory,
  mainPid,
} from './fixture-host.ts';

interface Fixture {
  readonly name: string;
  readonly job: FixtureJob;
  readonly utilizationPct: number;
  readonly labels: Labels;
  /** Readings of the GPU at work in place of the usual ones. */
  readonly readings?: Readonly<Partial<Record<GpuColumn, number>>>;
  /** The GPU is held without work for so long at first; 15 s where left out. */
  readonly startSeconds?: number;
  /** Nobody is on the GPU for so long before. */
  readonly emptySeconds?: number;
}

const quiet: FixtureJob = {
  workers: 4,
  workerCores: 0.1,
  mainCores: 0.3,
  readMibPerS: 0,
  requestedMibPerS: 1,
  receivedMibPerS: 0.1,
  diskMibPerS: 0,
  diskBusyShare: 0.02,
  psiIoShare: 0.01,
};

const nfs: FixtureMount = { id: 50, point: '/data', type: 'nfs4', source: 'filer:/data' };
const gcs: FixtureMount = { id: 60, point: '/bucket', type: 'fuse.gcsfuse', source: 'training' };
const s3: FixtureMount = { id: 61, point: '/s3', type: 'fuse.s3fs', source: 's3fs' };

function cause(rule: string): Labels {
  const open = ['undersized-batch', 'slow-start', 'periodic-stall', 'throttled'];
  return { present: { [rule]: 'all' }, absent: each(without(wasteRules, rule, ...open), 'all') };
}

const onNfs = { mount: nfs, state: 'D', share: 0.85, wchan: 'rpc_wait_bit_killable' } as const;
const overNetwork = { requestedMibPerS: 55, receivedMibPerS: 60 } as const;

const fixtures: readonly Fixture[] = [
  {
    name: 'cgroup v2: four loaders under a quota of two cores, used up in 60 % of the periods',
    job: { ...quiet, workerCores: 0.45, mainCores: 0.15, quotaCores: 2, throttledShare: 0.6 },
    utilizationPct: 31,
    labels: cause('cpu-bound-input'),
  },
  {
    name: 'shared cores: two loaders have 30 % of a core each and wait for one in 66 % of the time',
    job: { ...quiet, workers: 2, workerCores: 0.3, workerQueuedShare: 0.66 },
    utilizationPct: 22,
    labels: cause('cpu-bound-input'),
  },
  {
    name: 'shared cores: the launching thread has 35 % of a core and waits for one in 62 % of the time',
    job: { ...quiet, workers: 0, mainCores: 0.35, mainQueuedShare: 0.62 },
    utilizationPct: 26,
    labels: cause('host-bound'),
  },
  {
    name: 'shared cores: the loaders wait for cores a fifth of the time, and for NFS most of it',
    job: {
      ...quiet,
      ...overNetwork,
      readMibPerS: 55,
      workerQueuedShare: 0.2,
      waits: { ...onNfs, share: 0.65 },
    },
    utilizationPct: 30,
    labels: cause('io-bound'),
  },
  {
    name: 'NFS: four loaders wait in D for the filer, disks and PSI are quiet',
    job: { ...quiet, ...overNetwork, readMibPerS: 55, waits: onNfs },
    utilizationPct: 28,
    labels: cause('io-bound'),
  },
  {
    name: 'object store by FUSE: four loaders wait in S for gcsfuse to answer',
    job: {
      ...quiet,
      ...overNetwork,
      waits: { mount: gcs, state: 'S', share: 0.85, wchan: 'request_wait_answer' },
    },
    utilizationPct: 24,
    labels: cause('io-bound'),
  },
  {
    name: 'object store by FUSE: four loaders wait in D for pages of s3fs',
    job: {
      ...quiet,
      ...overNetwork,
      waits: { mount: s3, state: 'D', share: 0.8, wchan: 'folio_wait_bit_common' },
    },
    utilizationPct: 35,
    labels: cause('io-bound'),
  },
  {
    name: 'NFS, spinning: the main thread polls at full speed while the loaders wait for the filer',
    job: { ...quiet, ...overNetwork, readMibPerS: 55, mainCores: 1, waits: onNfs },
    utilizationPct: 28,
    labels: cause('io-bound'),
  },
  {
    name: 'NFS, computing: the filer keeps up, and the loaders are full with decoding',
    job: {
      ...quiet,
      ...overNetwork,
      readMibPerS: 55,
      workerCores: 0.97,
      waits: { ...onNfs, share: 0.02 },
    },
    utilizationPct: 40,
    labels: cause('cpu-bound-input'),
  },
  {
    name: 'a stranger fills the disk while one thread of the job is full',
    job: {
      ...quiet,
      workers: 0,
      mainCores: 0.99,
      diskMibPerS: 400,
      diskBusyShare: 0.96,
      psiIoShare: 0.6,
    },
    utilizationPct: 33,
    labels: cause('host-bound'),
  },
  {
    name: 'PCIe: 5 GB/s of copies to the GPU, host and loaders quiet',
    job: quiet,
    utilizationPct: 18,
    readings: { pcieRxMibPerS: 4800, pcieTxMibPerS: 60 },
    labels: cause('transfer-bound'),
  },
  {
    name: 'PCIe: half the lanes under full load, nothing waits',
    job: quiet,
    utilizationPct: 97,
    readings: { pcieLinkGen: 5, pcieLinkWidth: 8 },
    labels: {
      present: { 'pcie-degraded': 'all' },
      absent: each(without(wasteRules, 'pcie-degraded'), 'all'),
    },
  },
  {
    name: 'PCIe: an idle link is lowered, under load it is whole',
    job: quiet,
    utilizationPct: 97,
    readings: { pcieLinkGen: 5, pcieLinkWidth: 16 },
    startSeconds: 60,
    labels: { present: {}, absent: each(wasteRules, 'all') },
  },
  {
    name: 'start: a core loads weights for 400 s, then the GPU is full',
    job: { ...quiet, workers: 0, mainCores: 0.95 },
    utilizationPct: 97,
    emptySeconds: 20,
    startSeconds: 400,
    labels: {
      present: { 'slow-start': 'all' },
      absent: each(without(wasteRules, 'slow-start'), 'all'),
    },
  },
  {
    name: 'NFS, healthy: data comes in time',
    job: { ...quiet, ...overNetwork, readMibPerS: 55, waits: { ...onNfs, share: 0.1 } },
    utilizationPct: 97,
    labels: { present: {}, absent: each(wasteRules, 'all') },
  },
];

const workSeconds = 95;
/** The job starts, and its GPU is held without work. */
const usualStartSeconds = 15;

/** Lines of a session: GPU readings made here, host lines by the product's own reader over the fixture. */
async function sessionLines(fixture: Fixture): Promise<readonly SessionLine[]> {
  let nowMs = 0;
  let files = hostFiles(fixture.job, 0);
  const reader = createHostReader({
    files: inMemory(() => files),
    env: {},
    platform: 'linux',
    monotonicMs: () => nowMs,
  });
  const onGpu = [{ pid: mainPid, gpus: [0], name: 'python3' }];
  const { hostColumns, jobColumns } = reader.columns;
  const lines: SessionLine[] = [aHeader(1, { hostColumns, jobColumns })];
  const empty = fixture.emptySeconds ?? 0;
  const seconds = empty + (fixture.startSeconds ?? usualStartSeconds) + workSeconds;
  for (let second = 0; second <= seconds; second++) {
    nowMs = second * 1000;
    const t = sessionStart + nowMs + 2;
    if (second === empty || second === 0) lines.push(processesAt(t - 1, second >= empty));
    files = hostFiles(fixture.job, second);
    const working = row(fixture, second - empty);
    if (second > 0) lines.push({ kind: 'tick', t, rows: [second < empty ? emptyRow : working] });
    reader.look();
    if (second % 5 === 0)
      lines.push(...(await reader.readHost(t + 1, second < empty ? [] : onGpu)));
  }
  lines.push({ kind: 'end', t: sessionStart + nowMs + 10, reason: 'duration' });
  return lines;
}

function processesAt(t: number, isThere: boolean): SessionLine {
  const process = { gpu: 0, pid: mainPid, name: 'python3', memoryMib: 39_500 };
  return { kind: 'processes', t, visible: true, processes: isThere ? [process] : [] };
}

function row(
  { utilizationPct, readings: atWork, startSeconds = usualStartSeconds }: Fixture,
  second: number,
): (number | null)[] {
  const wobble = [-2, 1, 0, 2, -1][second % 5] ?? 0;
  const utilization = second <= startSeconds ? 0 : Math.min(100, utilizationPct + wobble);
  const readings: Readonly<Record<string, number>> = {
    utilizationGpuPct: utilization,
    utilizationMemoryPct: Math.round(utilization * 0.4),
    memoryUsedMib: 40_000,
    memoryTotalMib: 81_559,
    powerDrawW: 118 + (utilization / 100) * 0.9 * (700 - 118),
    powerLimitW: 700,
    clockSmMhz: 1980,
    eventReasons: utilization === 0 ? 1 : 0,
    computeProcesses: 1,
    ...(utilization === 0 ? idleLink(atWork) : atWork),
  };
  return inOrder(readings);
}

const emptyRow = inOrder({
  utilizationGpuPct: 0,
  utilizationMemoryPct: 0,
  memoryUsedMib: 4,
  memoryTotalMib: 81_559,
  powerDrawW: 71,
  powerLimitW: 700,
  clockSmMhz: 345,
  eventReasons: 1,
  computeProcesses: 0,
});

function inOrder(readings: Readonly<Record<string, number>>): (number | null)[] {
  return [0, ...gpuColumns.map((column) => readings[column] ?? null)];
}

/** Where the link is told, drivers lower its generation while the GPU is idle. */
function idleLink(atWork: Fixture['readings'] = {}): Fixture['readings'] {
  return atWork.pcieLinkGen === undefined ? {} : { ...atWork, pcieLinkGen: 1 };
}

export const kernelFixtures: TruthSet = {
  id: 'kernel-fixtures',
  title:
    'Hosts made of text: cgroup v2, NFS, FUSE, object stores, shared cores, PCIe, a long start',
  reality:
    'Not real: /proc, /sys and the GPU readings are written by the case, in the kernel’s form, for what this machine does not have. Real: the host reader, the session and everything after it.',
  chosenFor: ['host-bound'],
  isSlow: false,
  missing: null,
  carriesNoCause: false,
  cases: (scratch) =>
    fixtures.map((fixture, i) => ({
      name: fixture.name,
      group: fixture.name,
      observe: async () => {
        const lines = await sessionLines(fixture);
        const session = join(scratch, `session-${i}.jsonl`);
        writeFileSync(session, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
        return { report: await reportOnPath(session), labels: fixture.labels };
      },
    })),
};
