import { type IdleClass, idleClass } from './idle.ts';
import { IdleFloor } from './idle-floor.ts';
import type { ClassifiedSample, SampleSource } from './sample-source.ts';
import type { Tally } from './tally.ts';

/** Idle stretches of this length are idle, shorter ones between work are waiting. */
export const idleHorizonMs = 300_000;

/** Utilization at or below this is idle: the counter's own noise floor. */
const idlePct = 1;

/** Isolated activity up to this utilization and length does not end an idle stretch: a desktop or a monitor, not a job. */
const isolatedPct = 5;
export const isolatedMs = 10_000;

/** Below this much memory nobody holds the GPU: above any driver reserve seen on data-centre cards. */
export const heldMemoryMib = 256;

/** Utilization that latches at the top although nobody is there (open-gpu-kernel-modules#1138). */
const ghostPct = 95;

/** How far back a sample can own time: the rest is a gap. */
export function gapLimitMs(nominalMs: number): number {
  return Math.max(2.5 * nominalMs, nominalMs + 3_000);
}

interface Piece {
  startMs: number;
  endMs: number;
  what: IdleClass;
  /** 0 for idle; the utilization × 100 of isolated activity. */
  utilization100: number;
  memoryMib: number;
}

type Left = 'activity' | 'edge';

/**
 * Gives every millisecond between two samples of one GPU a place: busy, waiting, held or empty idle, or unread.
 * An idle stretch is kept open until it is known whether it was a pause or idleness; it holds at most the horizon.
 */
export class Classifier {
  sink: Tally;
  lastMs = -Infinity;
  #left: Left = 'edge';
  #inStretch = false;
  /** The stretch has reached the horizon: it is idleness whatever follows. */
  settled = false;
  #stretchStartMs = 0;
  #pieces: Piece[] = [];
  #isolated: Piece[] = [];
  #isolatedMs = 0;
  readonly #floor = new IdleFloor();
  #slowdownCounterUs = NaN;
  #eccCounter = NaN;
  #wrapsCommand = false;

  constructor(sink: Tally) {
    this.sink = sink;
  }

  /** A copy that can be closed without disturbing this one. */
  clone(sink: Tally): Classifier {
    const copy = new Classifier(sink);
    copy.adopt(this, sink);
    return copy;
  }

  /** Goes on from where another one is. */
  adopt(other: Classifier, sink: Tally): void {
    this.sink = sink;
    this.lastMs = other.lastMs;
    this.settled = other.settled;
    this.#left = other.#left;
    this.#inStretch = other.#inStretch;
    this.#stretchStartMs = other.#stretchStartMs;
    this.#pieces = other.#pieces.map((p) => ({ ...p }));
    this.#isolated = other.#isolated.map((p) => ({ ...p }));
    this.#isolatedMs = other.#isolatedMs;
    this.#floor.adopt(other.#floor);
    this.#slowdownCounterUs = other.#slowdownCounterUs;
    this.#eccCounter = other.#eccCounter;
    this.#wrapsCommand = other.#wrapsCommand;
  }

  add(sample: ClassifiedSample): void {
    const { timeMs } = sample;
    if (timeMs <= this.lastMs) {
      this.sink.dropped++;
      return;
    }
    const startMs = this.#ownedFrom(timeMs, sample.source);
    this.#wrapsCommand = sample.source.wrapsCommand;
    this.lastMs = timeMs;
    this.sink.samples++;
    if (startMs < this.sink.firstStartMs) this.sink.firstStartMs = startMs;
    this.sink.lastEndMs = timeMs;
    if (startMs >= timeMs) return;
    const { utilizationGpuPct, computeProcesses } = sample;
    if (computeProcesses > this.sink.maxComputeProcesses)
      this.sink.maxComputeProcesses = computeProcesses;
    // A counter that fell was reset with its driver: nothing is known of this interval.
    const counter = sample.columns.slowdownCounterUs[sample.index] ?? NaN;
    const slowdownUs = counter >= this.#slowdownCounterUs ? counter - this.#slowdownCounterUs : NaN;
    this.#slowdownCounterUs = counter;
    this.#countEcc(sample);
    if (!(utilizationGpuPct >= 0)) {
      this.#break();
      this.sink.unread(startMs, timeMs);
      return;
    }
    const powerDrawW = this.sink.readings(startMs, sample, slowdownUs);
    const what = idleClassOf(sample);
    const isHeld = what !== idleClass.empty && sample.memoryUsedMib > heldMemoryMib;
    if (utilizationGpuPct === 0 && isHeld)
      this.#floor.add(startMs, timeMs, powerDrawW, this.sink.idlePower);
    else this.#floor.reset();
    const activity = activityOf(sample);
    if (activity === 'firm' && !this.#inStretch) {
      this.#left = 'activity';
      this.sink.busy(startMs, timeMs, hundredths(utilizationGpuPct), idleClass.waiting);
      return;
    }
    const piece = {
      startMs,
      endMs: timeMs,
      what,
      utilization100: 0,
      memoryMib: sample.memoryUsedMib,
    };
    if (activity === 'idle') {
      this.#idle(piece);
      return;
    }
    piece.utilization100 = hundredths(utilizationGpuPct);
    if (activity === 'faint' && this.#inStretch) this.#isolate(piece);
    else this.#active(piece);
  }

  /** Ends the recording: an open stretch is at an edge. */
  close(): void {
    this.#break();
  }

  /** Errors since the reading before; a counter that fell began anew with its driver, and what it holds is new. */
  #countEcc({ columns, index, timeMs }: ClassifiedSample): void {
    const counter = columns.eccUncorrected[index] ?? NaN;
    if (!(counter >= 0)) return;
    const before = this.#eccCounter;
    this.#eccCounter = counter;
    const { startMs, endMs } = this.sink.cuts;
    if (timeMs <= startMs || timeMs > endMs) return;
    this.sink.addEcc(Number.isNaN(before) ? 0 : counter >= before ? counter - before : counter);
  }

  #ownedFrom(timeMs: number, { nominalMs, notBeforeMs }: SampleSource): number {
    if (this.lastMs === -Infinity) {
      return Math.min(timeMs, Math.max(notBeforeMs, Math.round(timeMs - nominalMs)));
    }
    const limitMs = gapLimitMs(nominalMs);
    if (timeMs - this.lastMs <= limitMs) return this.lastMs;
    this.#break();
    return Math.min(timeMs, Math.max(notBeforeMs, Math.round(timeMs - limitMs)));
  }

  /** A gap, a failed reading or the end: whatever is open ends at an edge. */
  #break(): void {
    this.#endIsolated();
    this.#closeStretch('edge');
    this.#left = 'edge';
    this.#floor.reset();
  }

  #idle(piece: Piece): void {
    if (!this.#inStretch) {
      this.#inStretch = true;
      this.settled = false;
      this.#stretchStartMs = piece.startMs;
    }
    if (this.settled) {
      for (const p of this.#isolated) this.#emitStretch(p);
      this.#emitStretch(piece);
    } else {
      this.#pieces.push(...this.#isolated);
      const last = this.#pieces.at(-1);
      // A sample cut elsewhere must not change the list's result, only its length.
      if (
        last &&
        last.utilization100 === 0 &&
        last.what === piece.what &&
        last.endMs === piece.startMs
      ) {
        last.endMs = piece.endMs;
        last.memoryMib = higher(last.memoryMib, piece.memoryMib);
      } else this.#pieces.push({ ...piece });
      if (piece.endMs - this.#stretchStartMs >= idleHorizonMs) {
        this.settled = true;
        for (const p of this.#pieces) this.#emitStretch(p);
        this.#pieces = [];
      }
    }
    this.#isolated = [];
    this.#isolatedMs = 0;
  }

  #isolate(piece: Piece): void {
    this.#isolated.push(piece);
    this.#isolatedMs += piece.endMs - piece.startMs;
    if (this.#isolatedMs > isolatedMs) {
      const pieces = this.#isolated;
      this.#isolated = [];
      this.#isolatedMs = 0;
      this.#closeStretch('activity');
      for (const p of pieces) this.#emitActive(p);
      this.#left = 'activity';
    }
  }

  #active(piece: Piece): void {
    this.#endIsolated();
    this.#closeStretch('activity');
    this.#left = 'activity';
    this.#emitActive(piece);
  }

  /** Activity that was not followed by idleness was no interruption of it. */
  #endIsolated(): void {
    if (this.#isolated.length === 0) return;
    const pieces = this.#isolated;
    this.#isolated = [];
    this.#isolatedMs = 0;
    this.#closeStretch('activity');
    this.#left = 'activity';
    for (const p of pieces) this.#emitActive(p);
  }

  #closeStretch(right: Left): void {
    if (!this.#inStretch) return;
    const between = this.#left === 'activity' && right === 'activity';
    const waits = between || this.#wrapsCommand;
    for (const p of this.#pieces) {
      if (!waits) this.#emitStretch(p);
      else if (p.utilization100 > 0) this.#emitActive(p);
      else this.sink.idle(p.startMs, p.endMs, idleClass.waiting);
    }
    this.#pieces = [];
    this.#inStretch = false;
    this.settled = false;
  }

  #emitActive(p: Piece): void {
    this.sink.busy(p.startMs, p.endMs, p.utilization100, idleClass.waiting);
  }

  #emitStretch(p: Piece): void {
    const { startMs, endMs } = p;
    if (p.utilization100 > 0) this.sink.busy(startMs, endMs, p.utilization100, p.what);
    else this.sink.idle(startMs, endMs, p.what);
    this.sink.stretch(
      startMs,
      endMs,
      p.what,
      p.utilization100 > 0 ? 0 : endMs - startMs,
      p.memoryMib,
    );
  }
}

/** What a sample's utilization says: `faint` may be isolated activity in an idle stretch. */
export function activityOf(
  sample: Pick<ClassifiedSample, 'utilizationGpuPct' | 'computeProcesses' | 'memoryUsedMib'>,
): 'idle' | 'faint' | 'firm' {
  const { utilizationGpuPct, computeProcesses, memoryUsedMib } = sample;
  if (utilizationGpuPct <= idlePct) return 'idle';
  if (utilizationGpuPct >= ghostPct && computeProcesses === 0 && memoryUsedMib <= heldMemoryMib)
    return 'idle';
  return utilizationGpuPct <= isolatedPct ? 'faint' : 'firm';
}

/** Held or empty, if the sample is idle: by processes where they are visible, else by memory. */
function idleClassOf(sample: ClassifiedSample): IdleClass {
  const { computeProcesses, memoryUsedMib } = sample;
  if (computeProcesses > 0) return idleClass.held;
  // No process and much memory contradict each other (another PID namespace, a display): then memory decides.
  if (!(memoryUsedMib >= 0)) return computeProcesses === 0 ? idleClass.empty : idleClass.held;
  return memoryUsedMib > heldMemoryMib ? idleClass.byMemory : idleClass.empty;
}

/** Utilization in hundredths of a percent; a counter above 100 is 100. */
function hundredths(utilizationPct: number): number {
  return Math.min(10_000, Math.round(utilizationPct * 100));
}

function higher(a: number, b: number): number {
  return b > a || Number.isNaN(a) ? b : a;
}
