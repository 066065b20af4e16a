import type { HostError } from '../errors.ts';
import type { ProcessOwner } from '../host/process-owner.ts';
import type { EventCode } from '../store/lines.ts';
import type { Clock } from './clock.ts';
import type { GpuColumn } from './columns.ts';
import { dmonRun } from './dmon-run.ts';
import type { DriverMessage } from './driver-message.ts';
import { type GpuList, gpuList } from './gpu-list.ts';
import { gpuNotes } from './gpu-notes.ts';
import { healthPoll } from './health-poll.ts';
import { type LineQueue, lineQueue } from './line-queue.ts';
import { longestSampleMs, lostGpus } from './lost-gpus.ts';
import { type ProcessList, processPoll } from './process-poll.ts';
import { processShares } from './process-shares.ts';
import type { ProcessNames } from './process-visibility.ts';
import { queryRun } from './query-run.ts';
import type { GpuRow, RowResult } from './row-reader.ts';
import { saidOnce } from './said-once.ts';
import type { Smi } from './smi.ts';
import { type TickRow, tickBuilder } from './tick-builder.ts';
import { tickColumns } from './tick-columns.ts';
import { isUnseenUse } from './unseen-use.ts';

export interface SamplingOptions {
  readonly smi: Smi;
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly processIntervalMs: number;
  readonly startTimeoutMs: number;
  readonly offered: ReadonlySet<string>;
  readonly selectors: readonly string[] | null;
  readonly processNames: ProcessNames;
  readonly ownerOf: (pid: number) => ProcessOwner | null;
  /** The first tick is in the queue. */
  readonly onFirstTick: () => void;
  readonly onNoStart: (error: HostError) => void;
  /** GPUs answer, but the selectors name none of them: what there is. */
  readonly onNoneSelected: (present: readonly string[]) => void;
  readonly onFinished: () => void;
}

/** The children of one session and what becomes of their output. */
export interface Sampling {
  readonly list: GpuList;
  readonly columns: readonly GpuColumn[];
  readonly queue: LineQueue;
  driver(): string | null;
  /** The processes that can be matched with this host's, by the latest list. */
  processes(): ProcessList['processes'];
  event(code: EventCode, message: string): void;
  /** A GPU reported an error: its health may have changed. */
  suspectGpus(): void;
  start(): void;
  stop(): Promise<void>;
}

/** The same message again is worth a line after this time. */
const quietMs = 10 * 60_000;
/** How long the rows of the first query may take to come in, where the second is far away. */
const firstTickWaitMs = 1000;

export function sampling(options: SamplingOptions): Sampling {
  const { smi, clock, intervalMs } = options;
  const mayRepeat = saidOnce(quietMs);
  const oddFields = new Set<string>();
  const lost = lostGpus(intervalMs);
  const latest = new Map<number, readonly (number | null)[]>();
  const notes = new Set<EventCode>();
  const passedOver = new Set<string>();
  let driver: string | null = null;
  let isDown = false;
  let lastRowMs = Number.POSITIVE_INFINITY;
  let isStarted = false;
  let processes: ProcessList | null = null;
  let processesKey = '';
  let isFirstTickDue = false;
  let cancelFirstTick: () => void = () => undefined;

  const queue = lineQueue({
    pause: () => {
      query.pause();
      dmon.pause();
      shares.pause();
    },
    resume: () => {
      query.resume();
      dmon.resume();
      shares.resume();
    },
  });
  const event = (code: EventCode, message: string): void => {
    eventAt(clock.now(), code, message);
  };
  const eventAt = (t: number, code: EventCode, message: string): void => {
    queue.push({ kind: 'event', t, code, message });
  };
  const list = gpuList(options.selectors, (row) => query.reader().identity(row));
  const gpuName = (position: number): string => {
    const gpu = list.gpus[position];
    return `GPU ${gpu?.index ?? position} (${gpu?.uuid ?? 'unknown'})`;
  };

  const onRow = (row: GpuRow, now: number): void => {
    lastRowMs = now;
    const placed = list.place(row);
    if (placed === null) {
      passedOver.add(`${row.index ?? '?'} (${row.uuid})`);
      return;
    }
    driver ??= query.reader().driver(row);
    if (isDown) {
      isDown = false;
      lost.restart(now);
      event('driver-back', 'nvidia-smi answers again');
    }
    if (placed.changed && isStarted) {
      ticks.flush();
      queue.push({ kind: 'gpus', t: now, gpus: [...list.gpus] });
    }
    if (placed.changed) note();
    if (lost.seen(placed.position, now)) {
      event('gpu-back', `${gpuName(placed.position)} answers again`);
    }
    const values = project(query.reader().columns, row.values);
    const errorsBefore = latest.get(placed.position)?.[eccAt] ?? Infinity;
    if ((values[eccAt] ?? 0) > errorsBefore) health.suspect();
    latest.set(placed.position, values);
    ticks.add({ position: placed.position, values, index: row.index, stampMs: row.stampMs }, now);
  };

  const note = (): void => {
    for (const { code, message } of gpuNotes(list.gpus)) {
      if (notes.has(code)) continue;
      notes.add(code);
      event(code, message);
    }
  };

  const loseGpu = (position: number, words: string): void => {
    if (lost.mark(position)) {
      event('gpu-lost', `${gpuName(position)} stopped answering: ${words}`);
    }
  };
  const failedReading = (message: string): void => {
    if (mayRepeat(message, clock.now())) event('reading-failed', message);
  };
  const onResult = (result: Exclude<RowResult, { kind: 'header' }>, arrivedMs: number): void => {
    if (result.kind === 'row') return onRow(result.row, arrivedMs);
    if (result.kind === 'failed') return failedReading(`nvidia-smi gave ${result.reason}`);
    const position = result.index === null ? null : list.positionOfIndex(result.index);
    if (position !== null) return loseGpu(position, result.words);
    failedReading(`nvidia-smi says ${result.words} of GPU ${result.index ?? 'unknown'}`);
  };
  const onMessage = (message: DriverMessage): void => {
    const position = message.about === null ? null : list.positionOfBusId(message.about);
    if (position === null) failedReading(message.words);
    else loseGpu(position, message.words);
  };

  const onOddCell = (field: string, cell: string): void => {
    if (oddFields.has(field)) return;
    oddFields.add(field);
    event(
      'warning',
      `${field}: nvidia-smi printed "${cell}", which is neither a value nor a known absence; taken as missing`,
    );
  };

  const query = queryRun({
    ...options,
    onOddCell,
    onResult,
    onMessage,
    onFieldDropped: (name) => event('field-unsupported', `this driver rejects ${name}`),
    onSettled: () => {
      // Until the second query begins, nobody knows how many GPUs there are.
      if (!isStarted) ticks.settle(Number.POSITIVE_INFINITY);
      if (isStarted) ticks.settle(Math.max(1, list.gpus.length - lost.count()));
      else waitForFirstTick();
    },
    onLost: (words) => {
      ticks.flush();
      if (isDown) return;
      isDown = true;
      // A hang is noticed late: the outage began where the next row was due.
      const since = Math.min(clock.now(), lastRowMs + intervalMs);
      eventAt(since, 'driver-lost', `nvidia-smi ended or hung: ${words}; trying again`);
    },
    onNoStart: options.onNoStart,
    onFinished: () => {
      ticks.flush();
      options.onFinished();
    },
  });

  const dmon = dmonRun({
    ...options,
    onUnsupported: (message) => event('field-unsupported', message),
  });

  const shares = processShares({
    ...options,
    onUnsupported: (message) => event('field-unsupported', message),
    indexOf: (position) => list.gpus[position]?.index ?? null,
    onShares: (t, rows) => queue.push({ kind: 'shares', t, rows }),
  });

  const health = healthPoll({
    smi,
    clock,
    offered: options.offered,
    list,
    onSign: (message) => event('gpu-health', message),
    onOddCell,
  });

  const waitForFirstTick = (): void => {
    if (isFirstTickDue || (list.gpus.length === 0 && passedOver.size === 0)) return;
    isFirstTickDue = true;
    cancelFirstTick = clock.after(Math.min(firstTickWaitMs, intervalMs), () => {
      if (list.gpus.length > 0) ticks.flush();
      else options.onNoneSelected([...passedOver]);
    });
  };

  const { columns, project, complete } = tickColumns(query.reader().columns);
  const eccAt = columns.indexOf('eccUncorrected');

  const ticks = tickBuilder((t, rows) => {
    cancelFirstTick();
    queue.push({ kind: 'tick', t, rows: rows.map(completed) });
    if (!isStarted) {
      isStarted = true;
      lost.restart(t);
      // Only now: on a host where the first query takes 10 s, three at once would take longer.
      dmon.start();
      poll.start();
      health.start();
      options.onFirstTick();
    }
    for (const position of lost.overdue(t)) {
      const seconds = Math.round(longestSampleMs(intervalMs) / 1000);
      event('gpu-lost', `${gpuName(position)} gave no row for ${seconds} s while others did`);
    }
  });
  const completed = ({ position, values }: TickRow): readonly (number | null)[] => {
    const index = list.gpus[position]?.index ?? null;
    const dmonRow = index === null ? null : dmon.take(index);
    const beside = { dmon: dmonRow, computeProcesses: poll.count(position) };
    return [position, ...complete(values, beside)];
  };

  const isHeldUnseen = (): boolean =>
    list.gpus.some((gpu, position) => {
      const values = latest.get(position);
      return isUnseenUse(gpu, (column) => values?.[columns.indexOf(column)] ?? null);
    });

  const poll = processPoll({
    smi,
    clock,
    paceMs: options.processIntervalMs,
    names: options.processNames,
    ownerOf: options.ownerOf,
    positionOfUuid: list.positionOfUuid,
    isHeldUnseen,
    onList: (next) => {
      shares.next(next);
      processes = next;
      const key = JSON.stringify([next.visible, next.processes]);
      if (key === processesKey) return;
      processesKey = key;
      queue.push({ kind: 'processes', ...next });
    },
    onHidden: (message) => event('processes-hidden', message),
    onUnsupported: (message) => event('field-unsupported', message),
  });

  return {
    list,
    columns,
    queue,
    event,
    driver: () => driver,
    processes: () => (processes?.visible === true ? processes.processes : []),
    suspectGpus: () => health.suspect(),
    start: () => {
      query.start();
    },
    async stop() {
      cancelFirstTick();
      poll.stop();
      await Promise.all([query.stop(), dmon.stop(), shares.stop(), health.stop()]);
      // A first tick would start what has just been stopped, and nothing would ever stop it again.
      if (isStarted) ticks.flush();
    },
  };
}
