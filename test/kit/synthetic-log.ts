import { once } from 'node:events';
import { createWriteStream } from 'node:fs';

/** What a synthetic log holds; the values are made up, the form is nvidia-smi's. */
export interface SyntheticLog {
  readonly gpus: number;
  readonly seconds: number;
  readonly startMs: number;
  readonly seed: number;
}

export const syntheticHeader =
  'timestamp, index, uuid, utilization.gpu [%], utilization.memory [%], memory.used [MiB], ' +
  'memory.total [MiB], power.draw [W], power.limit [W], temperature.gpu, clocks.current.sm [MHz]\n';

/**
 * A day in the life of a GPU host, written as `nvidia-smi -l 1 --format=csv` would: work in phases of
 * half an hour to hours with idle stretches between them, each GPU with noise of its own.
 */
export function* syntheticRows(log: SyntheticLog): Generator<string> {
  const random = mulberry32(log.seed);
  const phases = Array.from({ length: log.gpus }, () => Math.floor(random() * 7200));
  for (let second = 0; second < log.seconds; second++) {
    let text = '';
    for (let gpu = 0; gpu < log.gpus; gpu++) {
      const at = log.startMs + second * 1000 + gpu * 3 + Math.floor(random() * 3);
      const works = (second + (phases[gpu] ?? 0)) % 7200 < 5400;
      const utilization = works ? 100 - Math.floor(random() * random() * 40) : 0;
      const power = works ? 350 + utilization * 3 + random() * 20 : 115 + random() * 4;
      const memory = works ? 61_000 + Math.floor(random() * 64) : 1210;
      text +=
        `${stamp(at)}, ${gpu}, ${syntheticUuid(gpu)}, ${utilization} %, ` +
        `${Math.floor(utilization / 3)} %, ${memory} MiB, 81559 MiB, ${power.toFixed(2)} W, 700.00 W, ` +
        `${works ? 61 : 34}, ${works ? 1980 - Math.floor(random() * 4) * 15 : 345} MHz\n`;
    }
    yield text;
  }
}

/** Writes the log to a file and returns its size in bytes. */
export async function writeSyntheticLog(path: string, log: SyntheticLog): Promise<number> {
  const file = createWriteStream(path);
  file.write(syntheticHeader);
  let text = '';
  for (const rows of syntheticRows(log)) {
    text += rows;
    if (text.length < 1 << 20) continue;
    if (!file.write(text)) await once(file, 'drain');
    text = '';
  }
  file.end(text);
  await once(file, 'close');
  return file.bytesWritten;
}

export function syntheticUuid(gpu: number): string {
  return `GPU-5e7f0000-0000-4000-8000-00000000000${gpu.toString(16)}`;
}

let day = '';
let dayStart = Number.NaN;

/** `2026/01/31 23:59:59.123`; the date is made once a day, as half of the time went into it. */
function stamp(ms: number): string {
  const start = ms - (ms % 86_400_000);
  if (start !== dayStart) {
    dayStart = start;
    day = new Date(start).toISOString().slice(0, 10).replaceAll('-', '/');
  }
  const rest = ms - start;
  const two = (n: number): string => (n < 10 ? `0${n}` : `${n}`);
  const hours = Math.floor(rest / 3_600_000);
  const minutes = Math.floor(rest / 60_000) % 60;
  const seconds = Math.floor(rest / 1000) % 60;
  const millis = `${rest % 1000}`.padStart(3, '0');
  return `${day} ${two(hours)}:${two(minutes)}:${two(seconds)}.${millis}`;
}

/** A small seeded generator (Tommy Ettinger's mulberry32), so that every run writes the same bytes. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
