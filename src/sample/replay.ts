import { readPackageFile } from '../package-file.ts';
import type { Clock } from './clock.ts';
import { readComputeApp } from './compute-apps.ts';
import type { ProcessNames } from './process-visibility.ts';
import { type RecordedOutput, readRecordedOutput } from './recording-file.ts';
import type { Smi, SmiListener, SmiRun } from './smi.ts';
import { type VirtualClock, virtualClock } from './virtual-clock.ts';

/** What `openSampler` needs to watch a recording instead of a host. */
export interface Replay {
  readonly smi: Smi;
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly processNames: ProcessNames;
}

/** The recording that `gpucost demo` shows. Throws Error if the installation lacks it. */
export function demoRecording(): RecordedOutput {
  return readRecordedOutput(
    readPackageFile('dist/demo/recording.txt.gz'),
    'the recording of the demo',
  );
}

/**
 * Replays a recording of nvidia-smi's output through the same sampler, as fast as it is read: time is the recording's.
 */
export function openReplay(recorded: RecordedOutput): Replay {
  const [first, second] = recorded.ticks;
  const startMs = first?.stampMs ?? 0;
  const intervalMs =
    second === undefined ? 1000 : Math.max(1, roundPeriod(second.stampMs - startMs));
  // The first reading covers the interval before it.
  const clock = virtualClock(startMs - intervalMs);
  const pathOfPid = new Map(
    recorded.processes
      .flatMap(({ rows }) => rows.map(recordedApp))
      .flatMap((app) => (app?.path == null ? [] : [[app.pid, app.path] as const])),
  );
  return {
    clock,
    intervalMs,
    processNames: (pid) => {
      const name = pathOfPid.get(pid);
      return name === undefined ? null : [name];
    },
    smi: {
      start: (args, listener) => answer(recorded, clock, intervalMs, args, listener),
      async close() {
        clock.stop();
      },
    },
  };
}

/** Stamps jitter by milliseconds around the period that was asked for. */
function roundPeriod(ms: number): number {
  return ms >= 500 ? Math.round(ms / 100) * 100 : Math.round(ms);
}

/** Recorded rows begin with a timestamp. */
function recordedApp(row: string): ReturnType<typeof readComputeApp> {
  return readComputeApp(row.slice(row.indexOf(',') + 1));
}

function answer(
  recorded: RecordedOutput,
  clock: VirtualClock,
  intervalMs: number,
  args: readonly string[],
  listener: SmiListener,
): SmiRun {
  const query = args.find((arg) => arg.startsWith('--query-gpu='));
  if (query !== undefined) return queryGpu(recorded, clock, query.split('=')[1] ?? '', listener);
  if (args[0] === 'dmon' && recorded.dmon.length > 2) {
    return dmon(recorded, clock, intervalMs, listener);
  }
  if (args.includes('--help-query-gpu')) {
    return printed(
      clock,
      recorded.names.map((name) => `"${name}"`),
      0,
      listener,
    );
  }
  if (args.some((arg) => arg.startsWith('--query-compute-apps'))) {
    return printed(clock, processRows(recorded, clock.now()), 0, listener);
  }
  return printed(clock, ['Not supported by this recording'], 3, listener);
}

/** Prints and ends. */
function printed(
  clock: Clock,
  lines: readonly string[],
  code: number,
  listener: SmiListener,
): SmiRun {
  return scheduled(clock, [{ at: clock.now(), lines }], code, listener);
}

function queryGpu(
  { names, titles, ticks }: RecordedOutput,
  clock: VirtualClock,
  asked: string,
  listener: SmiListener,
): SmiRun {
  const columns = asked.split(',').map((name) => names.indexOf(name));
  const project = (cells: readonly string[]): string => columns.map((c) => cells[c]).join(', ');
  const arrivals = ticks.map(({ stampMs, rows }) => ({ at: stampMs, lines: rows.map(project) }));
  const header = { at: clock.now(), lines: [project(titles)] };
  return scheduled(clock, [header, ...arrivals], null, listener);
}

function dmon(
  { dmon: lines, ticks }: RecordedOutput,
  clock: VirtualClock,
  intervalMs: number,
  listener: SmiListener,
): SmiRun {
  const [first = '', second = '', ...rows] = lines;
  const gpus = ticks[0]?.rows.length ?? 1;
  const startMs = ticks[0]?.stampMs ?? 0;
  const skipped = Math.max(0, Math.floor((clock.now() - startMs) / intervalMs));
  const arrivals = ticks.slice(skipped).map(({ stampMs }, i) => ({
    at: stampMs,
    lines: rows.slice((skipped + i) * gpus, (skipped + i + 1) * gpus),
  }));
  return scheduled(
    clock,
    [{ at: clock.now(), lines: [first, second] }, ...arrivals],
    null,
    listener,
  );
}

function processRows({ processes, ticks }: RecordedOutput, now: number): readonly string[] {
  const tick = ticks.findLastIndex(({ stampMs }) => stampMs <= now);
  const rows = processes.findLast(({ fromTick }) => fromTick <= tick)?.rows ?? [];
  return rows.map((row) => row.slice(row.indexOf(',') + 1).trim());
}

interface Arrival {
  readonly at: number;
  readonly lines: readonly string[];
}

/** Delivers each arrival at its time, then ends: with a code, or as a recording that is over. */
function scheduled(
  clock: Clock & Partial<VirtualClock>,
  arrivals: readonly Arrival[],
  code: number | null,
  listener: SmiListener,
): SmiRun {
  let at = 0;
  let isOver = false;
  let cancel: () => void = () => undefined;
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    cancel();
    listener.onExit({ code, signal: null, rest: '', finished: code === null });
  };
  const step = (): void => {
    const next = arrivals[at++];
    if (next === undefined) return end();
    cancel = clock.after(Math.max(0, next.at - clock.now()), () => {
      listener.onLines(next.lines);
      if (!isOver) step();
    });
  };
  step();
  return {
    stop: async () => end(),
    pause: () => clock.pause?.(),
    resume: () => clock.resume?.(),
  };
}
