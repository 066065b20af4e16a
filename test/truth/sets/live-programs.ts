import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import {
  each,
  type Labels,
  type TruthCase,
  type TruthSet,
  wasteRules,
  without,
} from '../truth-case.ts';
import {
  type Account,
  missingCgroup,
  missingProgram,
  programs,
  type Surroundings,
  watchProgram,
  writeData,
} from './live-run.ts';

const seconds = 78;

interface Live extends Surroundings {
  readonly name: string;
  readonly command: (folder: string) => readonly string[];
  readonly labels: Labels;
  /** What the program's own stopwatch must say for the labels to hold; null where it does. */
  readonly doubt: (account: Account) => string | null;
  readonly missing?: string | null;
}

function job(...args: readonly string[]): (folder: string) => readonly string[] {
  return (folder) => [
    'python3',
    join(programs, 'job.py'),
    '--device',
    join(folder, 'device'),
    '--account',
    join(folder, 'account'),
    ...args,
  ];
}

/** The one cause that is there; every other waste rule is wrong, but for those that only describe. */
function cause(rule: string): Labels {
  return {
    present: { [rule]: 'all' },
    absent: each(
      without(wasteRules, rule, 'undersized-batch', 'slow-start', 'periodic-stall', 'throttled'),
      'all',
    ),
  };
}

/** The cause is preprocessing; that one thread of the process is full, as host-bound says, is true as well. */
const preprocessingThread: Labels = {
  ...cause('cpu-bound-input'),
  absent: each(without(Object.keys(cause('cpu-bound-input').absent), 'host-bound'), 'all'),
};

const healthy: Labels = { present: {}, absent: each(wasteRules, 'all') };

const starved = ({ waitedForDataShare, workerBlockedShare }: Account): string | null =>
  waitedForDataShare < 0.3 || workerBlockedShare > 0.1
    ? 'the loaders kept up: nothing waited here'
    : null;

/** The loaders had the cores that they asked for: without them it is another case. */
const starvedOn =
  (cores: number) =>
  (account: Account): string | null =>
    starved(account) ??
    (account.workerCpuShare < 0.85 * cores
      ? 'other programs took the cores of this machine'
      : null);

const starvedByReads = (account: Account): string | null =>
  starved(account) ??
  (account.workerReadingShare < 0.6
    ? 'the loaders did not wait in read: the disk is too fast here'
    : null);

const computing = (busyThread: string): readonly Live[] => [
  {
    name: 'idle: holds its memory for 5 and a half minutes',
    command: job('--feed', 'none', '--seconds', '330'),
    labels: {
      present: { 'idle-held': 'all' },
      absent: each(without(wasteRules, 'idle-held'), 'all'),
    },
    doubt: () => null,
  },
  {
    name: 'four loader processes compute each batch',
    command: job(
      '--feed',
      'cpu',
      '--workers',
      '4',
      '--batch-cpu',
      '0.16',
      '--seconds',
      `${seconds}`,
    ),
    labels: cause('cpu-bound-input'),
    doubt: starvedOn(0.5),
  },
  {
    name: 'healthy: the data is there in time',
    command: job('--feed', 'ready', '--workers', '2', '--step', '0.05', '--seconds', `${seconds}`),
    labels: healthy,
    doubt: ({ deviceBusyShare }) =>
      deviceBusyShare < 0.92 ? 'this machine was too busy to keep the device full' : null,
  },
  {
    name: 'one busy preprocessing thread of the same process (C)',
    command: (folder) => [
      busyThread,
      join(folder, 'device'),
      join(folder, 'account'),
      `${seconds}`,
    ],
    labels: preprocessingThread,
    doubt: starvedOn(1),
    missing: missingProgram('gcc'),
  },
  {
    name: 'two loader processes in a cgroup of 0.6 cores (v1)',
    command: job('--feed', 'cpu', '--workers', '2', '--seconds', `${seconds}`),
    labels: cause('cpu-bound-input'),
    doubt: starvedOn(0.28),
    limits: {
      controller: 'cpu',
      files: { 'cpu.cfs_period_us': '100000', 'cpu.cfs_quota_us': '60000', 'cpu.shares': '102400' },
    },
    missing: missingCgroup('cpu'),
  },
  {
    name: 'one loader process computes each batch',
    command: job('--feed', 'cpu', '--workers', '1', '--seconds', `${seconds}`),
    labels: cause('cpu-bound-input'),
    doubt: starvedOn(1),
  },
  {
    name: 'one Python thread launches tiny kernels',
    command: job('--feed', 'launch', '--step', '0.00003', '--seconds', `${seconds}`),
    labels: cause('host-bound'),
    doubt: ({ deviceBusyShare, mainCpuShare }) => {
      if (mainCpuShare < 0.9) return 'other programs took the cores of this machine';
      return deviceBusyShare > 0.7 ? 'the device was nearly full' : null;
    },
  },
  {
    name: 'one loader process that strangers take the cores from',
    command: job('--feed', 'cpu', '--workers', '1', '--seconds', `${seconds}`),
    labels: cause('cpu-bound-input'),
    doubt: starved,
    strangers: 4,
  },
];

/** The disk that the data lies on, as `major:minor`. */
function diskOf(path: string): string {
  const { dev } = statSync(path);
  return `${(dev >> 8) & 0xfff}:${dev & 0xff}`;
}

function storing(data: string): readonly Live[] {
  const cold = (...args: readonly string[]) =>
    job('--feed', 'cold', '--data', data, '--seconds', `${seconds}`, ...args);
  return [
    {
      name: 'two loader processes read small blocks from a cold file',
      command: cold('--workers', '2'),
      labels: cause('io-bound'),
      doubt: starvedByReads,
    },
    {
      name: 'one loader process reads a cold file under a limit of 2000 reads a second (blkio, v1)',
      command: cold('--workers', '1'),
      labels: cause('io-bound'),
      doubt: starvedByReads,
      limits: {
        controller: 'blkio',
        files: { 'blkio.throttle.read_iops_device': `${diskOf(data)} 2000` },
      },
      missing: missingCgroup('blkio'),
    },
  ];
}

function toCase(live: Live): TruthCase {
  return {
    name: live.name,
    group: live.name,
    observe: async () => {
      if (live.missing !== undefined && live.missing !== null) return { skipped: live.missing };
      const { report, account } = await watchProgram(live.command, live);
      const doubt = live.doubt(account);
      const says = saysOf(account);
      return doubt === null
        ? { report, labels: live.labels, note: says }
        : { skipped: `${doubt} (${says})` };
    },
  };
}

function saysOf(a: Account): string {
  const pct = (share: number) => `${Math.round(100 * share)} %`;
  return `the program says: device busy ${pct(a.deviceBusyShare)}, waited for data ${pct(a.waitedForDataShare)}; a worker computed on ${pct(a.workerCpuShare)} of a core, waited in read ${pct(a.workerReadingShare)}, and until its batch was fetched ${pct(a.workerBlockedShare)}; main thread ${pct(a.mainCpuShare)} of a core`;
}

const reality =
  "Real: the programs, their processes, threads, CPU, reads and stalls, gpucost watch, /proc and the cgroups. Not real: the GPU. It is a clock that the program keeps busy for its step's time; the fake nvidia-smi computes utilization from that clock, and power from utilization. The label rests on the program's own stopwatch; where that denies it, the case is left out.";

const missing =
  process.platform === 'linux' ? missingProgram('python3') : 'live programs need Linux';

export const livePrograms: readonly TruthSet[] = [
  {
    id: 'live-programs',
    title: 'Real programs on the CPU of this machine, each beside a GPU that it drives',
    reality,
    chosenFor: 'none',
    isSlow: true,
    missing,
    carriesNoCause: false,
    parallel: 3,
    cases: (scratch) => {
      const busyThread = join(scratch, 'busy_thread');
      if (missingProgram('gcc') === null) {
        const source = join(programs, 'busy_thread.c');
        execFileSync('gcc', ['-O2', '-pthread', '-o', busyThread, source]);
      }
      return computing(busyThread).map(toCase);
    },
  },
  {
    id: 'live-storage',
    title:
      'Real programs that read cold files from the disk of this machine, each beside a GPU that it drives',
    reality: `${reality} Reads are past the page cache (POSIX_FADV_DONTNEED after each).`,
    chosenFor: 'none',
    isSlow: true,
    missing,
    carriesNoCause: false,
    parallel: 2,
    cases: (scratch) => {
      const data = join(scratch, 'data');
      writeData(data, 512);
      return storing(data).map(toCase);
    },
  },
];
