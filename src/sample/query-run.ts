import { HostError } from '../errors.ts';
import type { Clock } from './clock.ts';
import { type DriverMessage, driverMessage } from './driver-message.ts';
import { type KeptRun, keptRun } from './kept-run.ts';
import { excerpt, type OddCell, type RowReader, type RowResult, rowReader } from './row-reader.ts';
import type { Smi } from './smi.ts';
import { fieldsToQuery, type QueriedField } from './supported-fields.ts';

export interface QueryRunOptions {
  readonly smi: Smi;
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly startTimeoutMs: number;
  readonly offered: ReadonlySet<string>;
  readonly onOddCell: OddCell;
  /** All lines of one arrival come with the same time. */
  readonly onResult: (result: Exclude<RowResult, { kind: 'header' }>, arrivedMs: number) => void;
  /** All lines of one arrival are read. */
  readonly onSettled: () => void;
  readonly onMessage: (message: DriverMessage) => void;
  /** The query goes on without this field, although the help offers it. */
  readonly onFieldDropped: (name: string) => void;
  /** nvidia-smi ended or hung after it had answered, or at a restart. */
  readonly onLost: (words: string) => void;
  /** It never answered: there is nothing to wait for. */
  readonly onNoStart: (error: HostError) => void;
  readonly onFinished: () => void;
}

export interface QueryRun extends KeptRun {
  /** The reader of the query as it runs now: a field that the driver rejects is dropped. */
  reader(): RowReader;
}

/** How long the query may be silent: one reading can take seconds. */
export function silenceMs(intervalMs: number): number {
  return Math.max(10_000, 5 * intervalMs);
}

/** The one long-lived `nvidia-smi --query-gpu … -lms` child. */
export function queryRun(options: QueryRunOptions): QueryRun {
  const offered = new Set(options.offered);
  let queried: readonly QueriedField[] = fieldsToQuery(offered);
  let reader = rowReader(queried, options.onOddCell);
  let hasAnswered = false;
  let messages: string[] = [];
  let isRejected = false;

  const readLine = (line: string, arrivedMs: number): void => {
    if (line.trim() === '') return;
    const message = driverMessage(line);
    if (message !== null) {
      messages = [...messages, message.words].slice(-4);
      if (message.kind === 'field') dropField(message.about ?? '');
      else options.onMessage(message);
      return;
    }
    const result = reader.read(line);
    if (result.kind === 'header') return;
    if (result.kind === 'row') {
      hasAnswered = true;
      messages = [];
      kept.alive();
    }
    if (result.kind === 'failed') messages = [...messages, excerpt(line)].slice(-4);
    options.onResult(result, arrivedMs);
  };

  // The help can promise a field that the query rejects (a wrapper, a driver updated under us).
  const dropField = (name: string): void => {
    if (!queried.some((q) => q.name === name)) return;
    offered.delete(name);
    queried = fieldsToQuery(offered);
    reader = rowReader(queried, options.onOddCell);
    isRejected = true;
    options.onFieldDropped(name);
  };

  const kept = keptRun({
    smi: options.smi,
    clock: options.clock,
    args: () => {
      messages = [];
      isRejected = false;
      const names = queried.map((q) => q.name).join(',');
      return [`--query-gpu=${names}`, '--format=csv,nounits', '-lms', `${options.intervalMs}`];
    },
    startTimeoutMs: options.startTimeoutMs,
    silenceMs: silenceMs(options.intervalMs),
    onLines(lines) {
      const arrivedMs = options.clock.now();
      for (const line of lines) readLine(line, arrivedMs);
      options.onSettled();
    },
    onEnd({ words, hung, finished }) {
      if (finished) {
        options.onFinished();
        return 'never';
      }
      if (isRejected) return 'at-once';
      const said = messages.length > 0 ? messages.join(' ') : words;
      if (hasAnswered) {
        options.onLost(hung && messages.length > 0 ? `${words}; it said: ${said}` : said);
        return 'back-off';
      }
      options.onNoStart(noStart(hung ? [words, ...messages].join('; ') : said));
      return 'never';
    },
  });
  return { ...kept, reader: () => reader };
}

function noStart(words: string): HostError {
  return new HostError(`nvidia-smi gives no sample: ${words}`, {
    hint: 'Run nvidia-smi by itself: it must list the GPUs. gpucost doctor shows what this host offers.',
  });
}
