import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from '../../../src/report/report.ts';
import { reportSchema } from '../../../src/report/schema.ts';

/** What a program says of itself, by its own stopwatch: shares of its run. */
export interface Account {
  readonly deviceBusyShare: number;
  readonly waitedForDataShare: number;
  readonly mainCpuShare: number;
  /** Of one core, mean of the workers. */
  readonly workerCpuShare: number;
  /** Waiting in read calls, without the CPU that they used. */
  readonly workerReadingShare: number;
  /** With a batch ready that nobody fetched: the worker is not what is slow. */
  readonly workerBlockedShare: number;
  readonly workerWorkingShare: number;
}

/** Limits of cgroup v1, by the file that sets each. */
export interface CgroupLimits {
  readonly controller: 'cpu' | 'blkio';
  readonly files: Readonly<Record<string, string>>;
}

export const programs: string = join(process.cwd(), 'test/truth/programs');

export interface Surroundings {
  readonly limits?: CgroupLimits;
  /** Strangers that compute beside the program at its own priority; without them it goes before all others here. */
  readonly strangers?: number;
}

/**
 * Before the programs of other people on this machine, where we may, with the watching: what they do is no part of
 * the case. The session is its own, because the scheduler's groups are sessions (sched(7), autogroup).
 */
const goFirst = [
  'setsid',
  '-w',
  'sh',
  '-c',
  'echo -20 2>/dev/null > /proc/self/autogroup; exec nice -n -20 "$@"',
  'sh',
];

/**
 * Runs a program under `gpucost watch` beside the GPU that it drives, and returns the report and its account.
 * `command` is given the folder of the run; it drives the device file `device` there, and writes `account`.
 */
export async function watchProgram(
  command: (folder: string) => readonly string[],
  { limits, strangers = 0 }: Surroundings,
): Promise<{ readonly report: Report; readonly account: Account }> {
  const folder = await mkdtemp(join(tmpdir(), 'gpucost-live-'));
  const cgroup = limits === undefined ? null : makeCgroup(limits);
  try {
    const others = Array.from({ length: strangers }, () =>
      spawn('timeout', ['100', 'sh', '-c', 'while :; do :; done'], { stdio: 'ignore' }),
    );
    const enter = cgroup === null ? '' : `echo $$ > ${cgroup}/cgroup.procs && `;
    const report = join(folder, 'report.json');
    const [file = '', ...args] = [
      ...(strangers > 0 ? [] : goFirst),
      process.execPath,
      join(process.cwd(), 'bin/gpucost.js'),
      'watch',
      '--no-network',
      '-o',
      report,
      '--',
      'sh',
      '-c',
      `${enter}exec "$@"`,
      'sh',
      ...command(folder),
    ];
    await ended(
      spawn(file, args, {
        cwd: folder,
        env: {
          ...process.env,
          GPUCOST_HOME: join(folder, 'home'),
          GPUCOST_NVIDIA_SMI: fakeGpu(folder),
          FAKE_DEVICE: join(folder, 'device'),
        },
        stdio: ['ignore', 'ignore', 'pipe'],
      }),
      report,
    );
    for (const other of others) other.kill();
    return {
      report: reportSchema.parse(JSON.parse(await readFile(report, 'utf8'))),
      account: accountOf(JSON.parse(await readFile(join(folder, 'account'), 'utf8'))),
    };
  } finally {
    if (cgroup !== null) rmdirSync(cgroup);
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * A device answers however busy the cores are. gpucost starts it in a session, and so in a scheduler's group, of its
 * own: beside programs that go first it would not even start.
 */
function fakeGpu(folder: string): string {
  const path = join(folder, 'nvidia-smi');
  const script = join(process.cwd(), 'test/truth/fake-gpu.mjs');
  const lines = [
    '#!/bin/sh',
    'echo -20 2>/dev/null > /proc/self/autogroup',
    `exec '${process.execPath}' '${script}' "$@"`,
    '',
  ];
  writeFileSync(path, lines.join('\n'), { mode: 0o755 });
  return path;
}

function ended(child: ChildProcess, report: string): Promise<void> {
  let said = '';
  child.stderr?.on('data', (words: Buffer) => {
    said += words.toString();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0 && existsSync(report)) resolve();
      else reject(new Error(`gpucost watch ended with ${code}: ${said}`));
    });
  });
}

const keys = [
  'deviceBusyShare',
  'waitedForDataShare',
  'mainCpuShare',
  'workerCpuShare',
  'workerReadingShare',
  'workerBlockedShare',
  'workerWorkingShare',
] as const;

function accountOf(value: unknown): Account {
  const given = new Map(Object.entries(value ?? {}));
  const [busy = 0, waited = 0, main = 0, cpu = 0, reading = 0, blocked = 0, working = 0] = keys.map(
    (key) => {
      const share: unknown = given.get(key);
      if (typeof share !== 'number') throw new Error(`the program's account lacks ${key}`);
      return share;
    },
  );
  return {
    deviceBusyShare: busy,
    waitedForDataShare: waited,
    mainCpuShare: main,
    workerCpuShare: cpu,
    workerReadingShare: reading,
    workerBlockedShare: blocked,
    workerWorkingShare: working,
  };
}

/** Why programs can't be put under such limits here; null where they can. */
export function missingCgroup(controller: CgroupLimits['controller']): string | null {
  try {
    rmdirSync(makeCgroup({ controller, files: {} }));
    return null;
  } catch (error) {
    return `no cgroup v1 that we may write (${controller}): ${String(error)}`;
  }
}

function makeCgroup({ controller, files }: CgroupLimits): string {
  const folder = `/sys/fs/cgroup/${controller}/gpucost-truth-${process.pid}-${counter++}`;
  mkdirSync(folder);
  for (const [file, limit] of Object.entries(files)) writeFileSync(join(folder, file), limit);
  return folder;
}

let counter = 0;

/** Why a program can't be run here; null where it can. */
export function missingProgram(name: string): string | null {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' });
    return null;
  } catch {
    return `${name} is not installed`;
  }
}

/** A file of `mib` MiB, written through to its disk. */
export function writeData(path: string, mib: number): void {
  const block = Buffer.alloc(1024 * 1024);
  for (let i = 0; i < block.length; i += 4)
    block.writeUInt32LE((Math.imul(i, 2654435761) >>> 0) % 2 ** 32, i);
  writeFileSync(path, '');
  for (let i = 0; i < mib; i++) appendFileSync(path, block, { flush: i === mib - 1 });
}
