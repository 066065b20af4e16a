import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { jobColumns } from '../../src/host/columns.ts';
import { toColumns } from '../../src/store/compact.ts';
import type { HeaderLine, ProcessesLine, SessionLine } from '../../src/store/lines.ts';
import { aHeader, sessionStart } from './session-lines.ts';
import { listed, listPaceMs, secondPid, sharesOn } from './synthetic-processes.ts';

/**
 * Synthetic data, made up by this file: training on all GPUs with noise like a real sensor's
 * (power to two decimals and correlated over seconds, clocks in steps of 15 MHz, GPM shares to three decimals),
 * a checkpoint every ten minutes, and an idle hour after every seven of work.
 */
export interface SyntheticOptions {
  readonly gpus: number;
  readonly hours: number;
  readonly intervalMs?: number;
  readonly hostIntervalMs?: number;
  readonly seed?: number;
  /** Two processes of different users on each GPU, with owners, lists and SM shares every ten seconds; else one, listed once. */
  readonly isShared?: boolean;
  /** False: nobody listed the processes; all else is the same. */
  readonly isListed?: boolean;
  readonly facts?: Partial<HeaderLine>;
}

/** The lines of a synthetic session, header first, end last. */
export function* syntheticLines(options: SyntheticOptions): Generator<SessionLine> {
  const {
    gpus: gpuCount,
    hours,
    intervalMs = 1000,
    hostIntervalMs = 5000,
    seed = 1,
    isShared = false,
    isListed = true,
  } = options;
  const { uniform, normal } = newRandom(seed);
  const header = aHeader(gpuCount, { intervalMs, hostIntervalMs, ...options.facts });
  yield header;
  const states = Array.from({ length: gpuCount }, (_, i) => ({
    power: 600 + 5 * i,
    memory: 61_000 + 37 * i,
    temperature: 55 + i,
    capUs: 1_000_000 * i,
  }));
  const ticks = Math.floor((hours * 3_600_000) / intervalMs);
  const processesAt = (t: number): ProcessesLine => ({
    kind: 'processes',
    t,
    visible: true,
    processes: states.flatMap((state, gpu) => listed(gpu, t, state.memory - 520, isShared)),
  });
  if (isListed) yield processesAt(sessionStart + 1);
  let t = sessionStart;
  for (let i = 0; i < ticks; i++) {
    t = Math.max(t + 1, sessionStart + (i + 1) * intervalMs + Math.round(2 * normal()));
    const second = (i * intervalMs) / 1000;
    const isIdle = Math.floor(second / 3600) % 8 === 7;
    const isPaused = second % 600 < 12;
    const works = !isIdle && !isPaused;
    const rows = states.map((s, gpu) => {
      const level = isIdle ? 118 : isPaused ? 220 : 640 - 6 * gpu;
      const noise = isIdle ? 0.3 : 14;
      s.power = level + 0.8 * (s.power - level) + noise * normal();
      s.temperature =
        (isIdle ? 34 : 62) + 0.97 * (s.temperature - (isIdle ? 34 : 62)) + 0.3 * normal();
      if (works && uniform() < 0.01) s.memory += Math.round(60 * normal());
      const isCapped = works && uniform() < 0.15;
      if (isCapped) s.capUs += Math.round(uniform() * intervalMs * 1000);
      return [
        gpu,
        works ? clamp(Math.round(94 + 4 * normal()), 0, 100) : 0,
        works ? clamp(Math.round(47 + 6 * normal()), 0, 100) : 0,
        s.memory,
        81559,
        clamp(decimals(s.power, 2), 60, 702),
        700,
        isIdle ? 345 : 1755 + 15 * Math.round(2 * normal()),
        2619,
        Math.round(s.temperature),
        0,
        5,
        16,
        isIdle ? 1 : isCapped ? 4 : 0,
        0,
        s.capUs,
        0,
        works ? Math.max(0, Math.round(800 + 220 * normal())) : 1,
        works ? Math.max(0, Math.round(310 + 80 * normal())) : 1,
        works ? decimals(clamp(0.81 + 0.05 * normal(), 0, 1), 3) : 0,
        works ? decimals(clamp(0.33 + 0.03 * normal(), 0, 1), 3) : 0,
        works ? decimals(clamp(0.42 + 0.05 * normal(), 0, 1), 3) : 0,
        works ? decimals(clamp(0.52 + 0.05 * normal(), 0, 1), 3) : 0,
        1,
      ];
    });
    yield { kind: 'tick', t, rows };
    if (isShared && (i + 1) % Math.max(1, Math.round(listPaceMs / intervalMs)) === 0) {
      if (works) {
        const rows = states.flatMap((_, gpu) => sharesOn(gpu, uniform()));
        if (isListed) yield { kind: 'shares', t: t + 1, rows };
      }
      if (isListed) yield processesAt(t + 2);
    }
    if ((i + 1) % Math.max(1, Math.round(hostIntervalMs / intervalMs)) !== 0) continue;
    const busy = works ? 1 : 0.05;
    yield {
      kind: 'host',
      t: t + 3,
      values: [
        decimals(clamp(0.22 * busy + 0.02 * normal(), 0, 1), 4),
        decimals(clamp(0.05 * busy + 0.01 * normal(), 0, 1), 4),
        decimals(clamp(0.01 * busy * uniform(), 0, 1), 4),
        192,
        decimals(clamp(0.02 * uniform(), 0, 1), 4),
        decimals(clamp(0.03 * uniform(), 0, 1), 4),
        0,
        Math.round(8e8 * busy * (1 + 0.2 * normal())),
        Math.round(1e6 * uniform()),
        decimals(clamp(0.3 * busy + 0.05 * normal(), 0, 1), 4),
        Math.round(1e7 * (1 + 0.2 * normal())),
        Math.round(1e7 * (1 + 0.2 * normal())),
        Math.round(1_600_000 + 900 * normal()),
        0,
        0,
      ],
    };
    for (let process = 0; process < (isShared ? 2 : 1) * gpuCount; process++) {
      const gpu = process % gpuCount;
      yield {
        kind: 'job',
        t: t + 3,
        pid: process < gpuCount ? 4000 + gpu : secondPid(gpu),
        name: 'python3.11',
        gpus: [gpu],
        values: withAllJobColumns([
          decimals(4.5 * busy + 0.3 * Math.abs(normal()), 3),
          decimals(1.02 * busy + 0.02 * Math.abs(normal()), 3),
          decimals(clamp(0.93 * busy + 0.03 * normal(), 0, 1), 4),
          works ? 8 : 0,
          decimals(clamp(0.42 * busy + 0.04 * normal(), 0, 1), 4),
          0,
          Math.round(1e8 * busy * (1 + 0.2 * normal())),
          0,
          null,
          null,
        ]),
      };
    }
  }
  yield { kind: 'end', t: t + 1, reason: 'duration' };
}

/** Columns that this file has no reading for. */
function withAllJobColumns(values: readonly (number | null)[]): readonly (number | null)[] {
  return jobColumns.map((_, i) => values[i] ?? null);
}

/** The pattern of work and idle time repeats after this. */
const cycleHours = 8;
const segmentMs = 600_000;

/**
 * Writes a synthetic session as a recorder leaves it, in segments of ten minutes.
 * Beyond eight hours the first eight are written again with their times moved on, which is ten times as fast as new
 * noise; cumulative counters then start anew, as after a reload of the driver.
 */
export function writeSyntheticSession(
  home: string,
  options: SyntheticOptions,
): { path: string; bytes: number; samples: number } {
  const path = join(home, 'sessions', aHeader(options.gpus, options.facts).id);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const first = compactSegments({ ...options, hours: Math.min(options.hours, cycleHours) });
  const count = Math.ceil((options.hours * 3_600_000) / segmentMs);
  let bytes = 0;
  let samples = 0;
  for (let i = 0; i < count; i++) {
    const segment = first[i % first.length];
    if (!segment) break;
    const byMs = Math.floor(i / first.length) * cycleHours * 3_600_000;
    const end = i === count - 1 ? segment.end : '';
    const file = gzipSync(movedOn(segment.text + end, byMs));
    writeFileSync(join(path, `${String(i + 1).padStart(6, '0')}.jsonl.gz`), file, { mode: 0o600 });
    bytes += file.length;
    samples += segment.samples;
  }
  return { path, bytes, samples };
}

interface SyntheticSegment {
  readonly text: string;
  readonly end: string;
  readonly samples: number;
}

function compactSegments(options: SyntheticOptions): readonly SyntheticSegment[] {
  const { intervalMs = 1000 } = options;
  const segments: SyntheticSegment[] = [];
  let header = '';
  let processes = '';
  let plain = '';
  let ticks = 0;
  let samples = 0;
  const finish = (end: string): void => {
    const text = toColumns(Buffer.from(plain), 'synthetic').toString();
    segments.push({ text, end, samples });
    plain = header + processes;
    samples = 0;
  };
  let end = '';
  for (const line of syntheticLines(options)) {
    const text = `${JSON.stringify(line)}\n`;
    if (line.kind === 'header') header = text;
    if (line.kind === 'processes') processes = text;
    if (line.kind === 'end') {
      end = text;
      break;
    }
    if (line.kind === 'tick' && ticks++ > 0 && ((ticks - 1) * intervalMs) % segmentMs === 0) {
      finish('');
    }
    if (line.kind === 'tick') samples += line.rows.length;
    plain += text;
  }
  finish('');
  return segments.map((segment) => ({ ...segment, end }));
}

function movedOn(text: string, byMs: number): string {
  return text.replaceAll(
    /"t":(\{"from":)?(\d{13})/g,
    (_, from: string | undefined, t: string) => `"t":${from ?? ''}${Number(t) + byMs}`,
  );
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

function decimals(value: number, places: number): number {
  return Math.round(value * 10 ** places) / 10 ** places;
}

/** Numbers that are the same for the same seed on every machine. */
function newRandom(seed: number): { uniform: () => number; normal: () => number } {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  // Sum of uniforms (Irwin–Hall) scaled to deviation 1: the same everywhere, unlike Math.log and Math.cos.
  const normal = (): number => {
    let sum = 0;
    for (let i = 0; i < 6; i++) sum += uniform();
    return (sum - 3) * Math.SQRT2;
  };
  return { uniform, normal };
}
