import { mkdtempSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Clock } from '../../src/sample/clock.ts';
import type { GpuColumn } from '../../src/sample/columns.ts';
import { nvidiaSmi } from '../../src/sample/nvidia-smi.ts';
import { openSampler, type Sampler, type SamplerOptions } from '../../src/sample/sampler.ts';
import type { EventLine, SessionLine, TickLine } from '../../src/store/lines.ts';

export const fakePath = fileURLToPath(new URL('../fake/nvidia-smi', import.meta.url));

const recordings = {
  t4: 'linux-x86_64__tesla-t4__550.54.15.txt',
  h100x8: 'linux-x86_64__nvidia-h100x8__590.48.01.txt',
  mig: 'linux-x86_64__nvidia-h100-mig__590.48.01.txt',
} as const;

export type RecordingName = keyof typeof recordings;

export const recordingPath = (name: RecordingName): string =>
  fileURLToPath(new URL(`../recordings/${recordings[name]}`, import.meta.url));

export interface FakeStart {
  readonly pid: number;
  readonly args: readonly string[];
}

function isFakeStart(value: unknown): value is FakeStart {
  return typeof value === 'object' && value !== null && 'pid' in value && 'args' in value;
}

export interface FakeRun {
  readonly env: NodeJS.ProcessEnv;
  readonly logPath: string;
  /** Starts that the fake logged. */
  starts(): readonly FakeStart[];
  /** Starts of the one query loop. */
  loops(): number;
  /** Polls of the process list. */
  polls(): number;
}

/** The fake's environment, each with its own log and place in the recording. */
export function fake(name: RecordingName, faults: Readonly<Record<string, string>> = {}): FakeRun {
  const folder = mkdtempSync(join(tmpdir(), 'gpucost-fake-'));
  const logPath = join(folder, 'starts.jsonl');
  const env = {
    ...process.env,
    FAKE_RECORDING: recordingPath(name),
    FAKE_LOG: logPath,
    FAKE_STATE: join(folder, 'state'),
    ...faults,
  };
  const starts: FakeRun['starts'] = () =>
    readFileSync(logPath, 'utf8')
      .trim()
      .split('\n')
      .map((line): FakeStart => {
        const start: unknown = JSON.parse(line);
        if (!isFakeStart(start)) throw new Error(`not a start of the fake: ${line}`);
        return start;
      });
  return {
    env,
    logPath,
    starts,
    loops: () => starts().filter(({ args }) => args.includes('-lms')).length,
    polls: () => starts().filter(({ args }) => args[0]?.includes('compute-apps') === true).length,
  };
}

/** Time runs this much faster in fault tests: limits keep their real values, and nobody sleeps them out. */
export const faster = 20;

export function fasterClock(): Clock {
  const epochMs = Date.now();
  const start = performance.now();
  return {
    now: () => epochMs + Math.round((performance.now() - start) * faster),
    after(ms, callback) {
      const timer = setTimeout(callback, ms / faster);
      return () => clearTimeout(timer);
    },
  };
}

/** A sampler at 1 Hz of the faster time on the fake. */
export function openFake(
  run: FakeRun,
  options: Partial<Omit<SamplerOptions, 'smi'>> = {},
): Promise<Sampler> {
  return openSampler({
    smi: nvidiaSmi({ path: fakePath, env: { ...run.env, FAKE_FASTER: String(faster) } }),
    clock: fasterClock(),
    intervalMs: 1000,
    ...options,
  });
}

/** The power readings of a GPU as the recording has them, tick by tick. */
export function recordedPower(name: RecordingName, index: number): readonly number[] {
  const lines = readFileSync(recordingPath(name), 'utf8').split('\n');
  const from = lines.findIndex((line) => line.startsWith('timestamp, '));
  const names = (lines[from] ?? '').split(', ').map((title) => title.split(' [')[0]);
  const rows = lines
    .slice(from + 1)
    .filter((line) => /^\d{4}\//.test(line) && line.split(', ').length === names.length);
  return rows
    .map((line) => line.split(', '))
    .filter((cells) => cells[names.indexOf('index')] === String(index))
    .map((cells) => Number.parseFloat(cells[names.indexOf('power.draw')] ?? ''));
}

/** A column of one GPU over the ticks that have a row of it, with the time of each. */
export function readings(
  sampler: Sampler,
  lines: readonly SessionLine[],
  position: number,
  column: GpuColumn,
): readonly { readonly t: number; readonly value: number | null }[] {
  const at = sampler.columns.indexOf(column) + 1;
  return ticksOf(lines).flatMap(({ t, rows }) =>
    rows.filter((row) => row[0] === position).map((row) => ({ t, value: row[at] ?? null })),
  );
}

/** Reads until `isEnough`, then closes and reads what is left. */
export async function collect(
  sampler: Sampler,
  isEnough: (lines: readonly SessionLine[]) => boolean,
): Promise<readonly SessionLine[]> {
  const lines: SessionLine[] = [];
  let closing: Promise<void> | null = null;
  for await (const line of sampler.lines()) {
    lines.push(line);
    if (closing === null && isEnough(lines)) closing = sampler.close();
  }
  await closing;
  return lines;
}

export const ticksOf = (lines: readonly SessionLine[]): readonly TickLine[] =>
  lines.filter((line) => line.kind === 'tick');

export const eventsOf = (lines: readonly SessionLine[]): readonly EventLine[] =>
  lines.filter((line) => line.kind === 'event');

export const codesOf = (lines: readonly SessionLine[]): readonly string[] =>
  eventsOf(lines).map((line) => line.code);

/** Pids of fakes with this log in their environment that still run. */
export function alive(run: FakeRun): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        readlinkSync(`/proc/${pid}/exe`);
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(run.logPath);
      } catch {
        return false;
      }
    });
}

export const gpusOf: Readonly<Record<RecordingName, number>> = { t4: 1, h100x8: 8, mig: 1 };

/** Every tick that the fake printed is there, once and in order; `gaps` are tick numbers that may miss. */
export function expectNothingLost(
  name: RecordingName,
  position: number,
  seen: readonly { readonly value: number | null }[],
  gaps: readonly number[] = [],
): void {
  const recorded = recordedPower(name, position).filter((_, i) => !gaps.includes(i));
  expect(seen.map(({ value }) => value)).toEqual(recorded.slice(0, seen.length));
}
