import type { Clock } from './clock.ts';
import { driverMessage } from './driver-message.ts';
import {
  type HealthField,
  type HealthSign,
  healthFieldsOf,
  healthSign,
  healthText,
} from './gpu-health.ts';
import type { GpuList } from './gpu-list.ts';
import { askOnce, type Smi } from './smi.ts';

export interface HealthPollOptions {
  readonly smi: Smi;
  readonly clock: Clock;
  readonly offered: ReadonlySet<string>;
  readonly list: Pick<GpuList, 'gpus' | 'positionOfUuid'>;
  /** Something is wrong with GPUs; each text comes once. */
  readonly onSign: (text: string) => void;
  /** A cell that is neither a value nor a known absence. */
  readonly onOddCell: (field: string, cell: string) => void;
}

/** Asks now and then whether the GPUs are sound. */
export interface HealthPoll {
  start(): void;
  /** Something happened that may have changed it: ask again soon. */
  suspect(): void;
  /** Asks a last time where something happened since the latest answer, for 3 s at most. */
  stop(): Promise<void>;
}

/** What a reset mends comes about with an error, which is told of at once, or is long there. */
const paceMs = 10 * 60_000;
/** The driver handles an error for a while: it is asked when that is likely done. */
const soonMs = 5000;
const timeoutMs = 30_000;
const lastTimeoutMs = 3000;

export function healthPoll(options: HealthPollOptions): HealthPoll {
  const { smi, clock, list } = options;
  let fields = healthFieldsOf(options.offered);
  const said = new Set<string>();
  let cancel: () => void = () => undefined;
  let isRunning = false;
  let isSuspected = false;
  let isOver = false;
  let inFlight: Promise<void> | null = null;

  const ask = async (limitMs: number): Promise<void> => {
    isSuspected = false;
    // A field that the help offers and the query rejects is left out; the others are asked for again.
    while (fields.length > 0) {
      const args = [`--query-gpu=${[...fields, 'uuid'].join(',')}`, '--format=csv,noheader'];
      const { lines } = await askOnce(smi, clock, args, limitMs);
      const rejected = lines.map(driverMessage).find((message) => message?.kind === 'field')?.about;
      if (rejected === null || rejected === undefined) return take(lines);
      const left = fields.filter((field) => field !== rejected);
      if (left.length === fields.length) return;
      fields = left;
    }
  };

  const take = (lines: readonly string[]): void => {
    if (isOver) return;
    const found = new Map<string, { sign: HealthSign; gpus: string[] }>();
    for (const line of lines) {
      const cells = line.split(',').map((cell) => cell.trim());
      const position = list.positionOfUuid(cells.at(-1) ?? '');
      if (position === null || cells.length !== fields.length + 1) continue;
      const gpu = String(list.gpus[position]?.index ?? list.gpus[position]?.id);
      for (const sign of signsOf(cells)) {
        const key = `${sign.field} ${sign.said}`;
        const same = found.get(key) ?? { sign, gpus: [] };
        same.gpus.push(gpu);
        found.set(key, same);
      }
    }
    for (const { sign, gpus } of found.values()) {
      const text = healthText(sign, gpus.join(', '));
      if (!said.has(text)) options.onSign(text);
      said.add(text);
    }
  };

  const signsOf = (cells: readonly string[]): readonly HealthSign[] =>
    fields.flatMap((field: HealthField, i) => {
      const cell = cells[i] ?? '';
      const sign = healthSign(field, cell);
      if (sign === undefined) options.onOddCell(field, cell);
      return sign ?? [];
    });

  const round = async (): Promise<void> => {
    inFlight = ask(timeoutMs);
    await inFlight;
    inFlight = null;
    if (isRunning) cancel = clock.after(isSuspected ? soonMs : paceMs, () => void round());
  };

  return {
    start() {
      if (fields.length === 0) return;
      isRunning = true;
      void round();
    },
    suspect() {
      if (!isRunning || isSuspected) return;
      isSuspected = true;
      if (inFlight !== null) return;
      cancel();
      cancel = clock.after(soonMs, () => void round());
    },
    async stop() {
      const isDue = isRunning && isSuspected;
      isRunning = false;
      cancel();
      if (isDue) await ask(lastTimeoutMs);
      isOver = true;
    },
  };
}
