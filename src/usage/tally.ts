import { type Cuts, segmentEnd, segmentStart } from './cuts.ts';
import { Histogram } from './histogram.ts';
import { type IdleClass, type IdleFragment, idleClass, idleSum } from './idle.ts';
import { LoadedTally, loadedPct } from './loaded.ts';
import { plausible, type ReadingColumns, throttledShare, within } from './readings.ts';
import type { ClassifiedSample } from './sample-source.ts';
import { sumNames, sumSlot, WindowRows } from './windows.ts';

/** DRAM activity peaks near 0.8 in practice (NVIDIA DCGM user guide, profiling metrics). */
const dramActivityPeak = 0.8;

/** A power reading above this multiple of the limit is a sensor's slip: 312 W was seen on a 70 W card. */
const powerSlip = 1.3;

/**
 * Sums of one GPU. Everything in it is an integer sum or a list in order of time, so that
 * tallies of consecutive parts of a recording add up to the tally of the whole.
 */
export class Tally {
  readonly #rows: WindowRows;
  /** Sums of the row at hand, added to it when another is needed: a window holds several samples. */
  readonly #sums = new Float64Array(sumNames.length);
  readonly cuts: Cuts;
  readonly utilization = new Histogram();
  readonly usualClock = new Histogram();
  /** Watts while idle with memory held, after the power has settled. */
  readonly idlePower = new Histogram();
  readonly loaded = new LoadedTally();
  readonly fragments: IdleFragment[] = [];
  memoryMibMs = 0;
  memoryMs = 0;
  memoryPeakMib = -1;
  /** Lowest memory in use anywhere in the recording; what a display holds. */
  memoryLowMib = Infinity;
  powerPeakW = -1;
  powerDwMs = 0;
  powerMs = 0;
  powerLimitW = 0;
  samples = 0;
  dropped = 0;
  readMs = 0;
  /** True if any reading had a utilization, also outside the window asked for. */
  hasUtilization = false;
  maxComputeProcesses = -1;
  /** Uncorrected ECC errors counted in the window asked for; −1 where none was ever reported. */
  eccErrors = -1;
  firstStartMs = Infinity;
  lastEndMs = -Infinity;

  #row = 0;
  #rowStartMs = Infinity;
  #rowEndMs = -Infinity;

  constructor(windowMs: number, cuts: Cuts) {
    this.#rows = new WindowRows(windowMs);
    this.cuts = cuts;
  }

  get rows(): WindowRows {
    this.#flush();
    return this.#rows;
  }

  /** Time in which kernels were resident for `utilization100` / 10,000 of it; the rest has the given idle class. */
  busy(startMs: number, endMs: number, utilization100: number, rest: IdleClass): void {
    const share = utilization100 / 10_000;
    for (let from = startMs; from < endMs; ) {
      this.#goTo(from);
      const to = Math.min(endMs, this.#rowEndMs);
      // Anchored to the clock, not to the sample: the whole milliseconds of any two parts add up to those of the whole.
      const base = Math.floor(from / 3_600_000) * 3_600_000;
      const busyMs = Math.floor((to - base) * share) - Math.floor((from - base) * share);
      this.#add(sumSlot.busyMs, busyMs);
      this.#add(idleSum[rest], to - from - busyMs);
      from = to;
    }
  }

  idle(startMs: number, endMs: number, what: IdleClass): void {
    this.#addMs(startMs, endMs, idleSum[what]);
  }

  unread(startMs: number, endMs: number): void {
    this.#addMs(startMs, endMs, sumSlot.unreadMs);
  }

  /** Keeps a piece of a held or empty stretch; busy time of isolated activity in it counts as part of its length only. */
  stretch(
    startMs: number,
    endMs: number,
    what: IdleClass,
    idleMs: number,
    memoryMib: number,
  ): void {
    let last = this.fragments.at(-1);
    if (last?.endMs !== startMs) {
      last = { startMs, endMs: startMs, emptyMs: 0, heldMs: 0, byMemoryMs: 0, memoryMib: -1 };
      this.fragments.push(last);
    }
    last.endMs = endMs;
    if (what === idleClass.empty) last.emptyMs += idleMs;
    else if (what === idleClass.held) last.heldMs += idleMs;
    else last.byMemoryMs += idleMs;
    if (memoryMib > last.memoryMib) last.memoryMib = memoryMib;
  }

  /**
   * Adds a sample's other readings over the time from `startMs` to the sample; slowdownUs: counted since the previous
   * sample, NaN unknown. Returns the power in watts, NaN where it is missing or a slip of the sensor.
   */
  readings(startMs: number, sample: ClassifiedSample, slowdownUs: number): number {
    const { columns: c, index: i, timeMs: endMs, memoryUsedMib, utilizationGpuPct } = sample;
    this.hasUtilization = true;
    const limitW = c.powerLimitW[i] ?? NaN;
    if (limitW > 0) this.powerLimitW = limitW;
    let powerDrawW = c.powerDrawW[i] ?? NaN;
    const mostW = this.powerLimitW > 0 ? powerSlip * this.powerLimitW : plausible.powerW;
    if (powerDrawW > mostW) powerDrawW = NaN;
    if (memoryUsedMib < this.memoryLowMib) this.memoryLowMib = memoryUsedMib;
    const inside = Math.min(endMs, this.cuts.endMs) - Math.max(startMs, this.cuts.startMs);
    if (inside > 0) this.#addInside(inside, utilizationGpuPct, memoryUsedMib, powerDrawW);
    const ownedMs = endMs - startMs;
    const clock = within(c.clockSmMhz[i] ?? NaN, plausible.clockMhz);
    const eventReasons = c.eventReasons[i] ?? NaN;
    const throttled = throttledShare(eventReasons, slowdownUs, ownedMs);
    const isLoaded = utilizationGpuPct >= loadedPct;
    if (clock > 0 && isLoaded && throttled === 0) this.usualClock.add(clock, ownedMs);
    const knowsReasons = eventReasons >= 0 || slowdownUs >= 0;
    const linkIsLow = isLoaded && this.loaded.add(Math.max(0, inside), knowsReasons, sample);
    for (let from = startMs; from < endMs; ) {
      this.#goTo(from);
      const to = Math.min(endMs, this.#rowEndMs);
      this.#addReadings(to - from, c, i, powerDrawW, throttled);
      if (linkIsLow) this.#add(sumSlot.linkLowMs, to - from);
      from = to;
    }
    return powerDrawW;
  }

  #addInside(ms: number, utilizationPct: number, memoryMib: number, powerW: number): void {
    this.readMs += ms;
    this.utilization.add(utilizationPct, ms);
    if (memoryMib >= 0) {
      this.memoryMibMs += Math.round(memoryMib) * ms;
      this.memoryMs += ms;
      if (memoryMib > this.memoryPeakMib) this.memoryPeakMib = memoryMib;
    }
    if (powerW >= 0) {
      this.powerDwMs += Math.round(powerW * 10) * ms;
      this.powerMs += ms;
      if (powerW > this.powerPeakW) this.powerPeakW = powerW;
    }
  }

  /** Adds newly counted uncorrected ECC errors; below 0: not reported. */
  addEcc(errors: number): void {
    if (errors >= 0) this.eccErrors = Math.max(0, this.eccErrors) + errors;
  }

  /** Adds the tally of what came right before this one. */
  prepend(before: Tally): void {
    const after = this.fragments.splice(0);
    this.#addSums(before);
    this.#addFragments(before.fragments);
    this.#addFragments(after);
  }

  /** Adds the tally of what came right after this one. */
  addAll(next: Tally): void {
    this.#addSums(next);
    this.#addFragments(next.fragments);
    this.powerLimitW = next.powerLimitW || this.powerLimitW;
  }

  #addSums(next: Tally): void {
    this.rows.addAll(next.rows);
    this.utilization.addAll(next.utilization);
    this.usualClock.addAll(next.usualClock);
    this.idlePower.addAll(next.idlePower);
    this.memoryMibMs += next.memoryMibMs;
    this.memoryMs += next.memoryMs;
    this.memoryPeakMib = Math.max(this.memoryPeakMib, next.memoryPeakMib);
    this.memoryLowMib = Math.min(this.memoryLowMib, next.memoryLowMib);
    this.powerPeakW = Math.max(this.powerPeakW, next.powerPeakW);
    this.powerDwMs += next.powerDwMs;
    this.powerMs += next.powerMs;
    this.powerLimitW ||= next.powerLimitW;
    this.samples += next.samples;
    this.dropped += next.dropped;
    this.readMs += next.readMs;
    this.hasUtilization ||= next.hasUtilization;
    this.maxComputeProcesses = Math.max(this.maxComputeProcesses, next.maxComputeProcesses);
    this.loaded.addAll(next.loaded);
    this.addEcc(next.eccErrors);
    this.firstStartMs = Math.min(this.firstStartMs, next.firstStartMs);
    this.lastEndMs = Math.max(this.lastEndMs, next.lastEndMs);
  }

  #addFragments(fragments: readonly IdleFragment[]): void {
    for (const f of fragments) {
      const last = this.fragments.at(-1);
      if (last?.endMs !== f.startMs) {
        this.fragments.push({ ...f });
        continue;
      }
      last.endMs = f.endMs;
      last.emptyMs += f.emptyMs;
      last.heldMs += f.heldMs;
      last.byMemoryMs += f.byMemoryMs;
      last.memoryMib = Math.max(last.memoryMib, f.memoryMib);
    }
  }

  #addReadings(
    ms: number,
    c: ReadingColumns,
    i: number,
    powerDrawW: number,
    throttled: number,
  ): void {
    const memory = within(c.memoryUsedMib[i] ?? NaN, plausible.memoryMib);
    if (memory >= 0) this.#rows.peak(this.#row, memory);
    if (powerDrawW >= 0) this.#add(sumSlot.power, Math.round(powerDrawW * 10) * ms);
    else this.#add(sumSlot.powerMissingMs, ms);
    const memoryUtilization = within(c.utilizationMemoryPct[i] ?? NaN, 100);
    if (memoryUtilization >= 0) {
      this.#add(sumSlot.memoryUtilization, Math.round(memoryUtilization * 100) * ms);
    } else this.#add(sumSlot.memoryUtilizationMissingMs, ms);
    const clock = Math.round(within(c.clockSmMhz[i] ?? NaN, plausible.clockMhz));
    if (clock > 0) {
      this.#add(sumSlot.clock, clock * ms);
      if (throttled > 0) {
        const throttledMs = Math.round(throttled * ms);
        this.#add(sumSlot.throttledMs, throttledMs);
        this.#add(sumSlot.throttledClock, clock * throttledMs);
      }
    } else this.#add(sumSlot.clockMissingMs, ms);
    const pcie = within(
      (c.pcieRxMibPerS[i] ?? NaN) + (c.pcieTxMibPerS[i] ?? NaN),
      plausible.pcieMibPerS,
    );
    if (pcie >= 0) this.#add(sumSlot.pcie, Math.round(pcie) * ms);
    else this.#add(sumSlot.pcieMissingMs, ms);
    const sm = c.smActivityShare[i] ?? NaN;
    const dram = c.dramActivityShare[i] ?? NaN;
    // The estimate takes the larger of the two: with one alone it would be too low.
    if (sm >= 0 && dram >= 0) this.#addGpm(ms, sm, dram, c.tensorActivityShare[i] ?? NaN);
    else this.#add(sumSlot.gpmMissingMs, ms);
  }

  #addGpm(ms: number, sm: number, dram: number, tensor: number): void {
    const activity = Math.min(1, Math.max(sm, dram / dramActivityPeak));
    this.#add(sumSlot.gpmActivity, Math.round(activity * 10_000) * ms);
    this.#add(sumSlot.smActivity, Math.round(sm * 10_000) * ms);
    this.#add(sumSlot.dramActivity, Math.round(dram * 10_000) * ms);
    if (tensor >= 0) this.#add(sumSlot.tensorActivity, Math.round(tensor * 10_000) * ms);
    else this.#add(sumSlot.tensorMissingMs, ms);
  }

  #addMs(startMs: number, endMs: number, sum: number): void {
    for (let from = startMs; from < endMs; ) {
      this.#goTo(from);
      const to = Math.min(endMs, this.#rowEndMs);
      this.#add(sum, to - from);
      from = to;
    }
  }

  #add(sum: number, value: number): void {
    this.#sums[sum] = (this.#sums[sum] ?? 0) + value;
  }

  /** Takes the row that holds an instant at hand; #rowEndMs is then where it ends. */
  #goTo(timeMs: number): void {
    if (timeMs >= this.#rowStartMs && timeMs < this.#rowEndMs) return;
    this.#flush();
    const rows = this.#rows;
    const window = Math.floor(timeMs / rows.windowMs);
    const segment = segmentStart(timeMs, this.cuts);
    this.#row = rows.rowAt(window, segment);
    this.#rowStartMs = Math.max(window * rows.windowMs, segment);
    this.#rowEndMs = Math.min((window + 1) * rows.windowMs, segmentEnd(timeMs, this.cuts));
  }

  /** Adds the sums at hand to their row; rows may move afterwards. */
  #flush(): void {
    if (this.#rowEndMs === -Infinity) return;
    const sums = this.#sums;
    for (let s = 0; s < sums.length; s++) {
      const value = sums[s] ?? 0;
      if (value !== 0) this.#rows.add(this.#row, s, value);
    }
    sums.fill(0);
    this.#rowStartMs = Infinity;
    this.#rowEndMs = -Infinity;
  }
}
