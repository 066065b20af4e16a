import type { ObservedPart } from './close.ts';
import type { MsColumn, Windows } from './usage.ts';
import type { WindowSums } from './window-sums.ts';

/** Fills the columns of a GPU's timeline, window by window. */
export class Timeline {
  readonly #columns: Omit<Windows, 'length' | 'linkLowMs'>;
  #length = 0;
  #linkLowMs: MsColumn | null = null;

  constructor(windowMs: number, capacity: number) {
    const start = new Float64Array(capacity);
    const fits = windowMs < 2 ** 16;
    const ms = () => (fits ? new Uint16Array(capacity) : new Uint32Array(capacity));
    const reading = () => new Float32Array(capacity);
    this.#columns = {
      windowMs,
      startMs: start,
      observedMs: ms(),
      busyMs: ms(),
      waitingMs: ms(),
      heldMs: ms(),
      emptyMs: ms(),
      effectiveMs: ms(),
      effectiveLowMs: ms(),
      effectiveHighMs: ms(),
      throttledMs: ms(),
      utilizationPct: reading(),
      utilizationMemoryPct: reading(),
      powerW: reading(),
      load: reading(),
      memoryUsedMib: reading(),
      clockSmMhz: reading(),
      pcieMibPerS: reading(),
      smActivityShare: reading(),
      dramActivityShare: reading(),
      tensorActivityShare: reading(),
    };
  }

  /** Adds a part of the window at hand. */
  addPart(part: ObservedPart): void {
    const c = this.#columns;
    const at = this.#length;
    c.observedMs[at] = (c.observedMs[at] ?? 0) + part.observedMs;
    c.busyMs[at] = (c.busyMs[at] ?? 0) + part.busyMs;
    c.waitingMs[at] = (c.waitingMs[at] ?? 0) + part.waitingMs;
    c.heldMs[at] = (c.heldMs[at] ?? 0) + part.heldMs;
    c.emptyMs[at] = (c.emptyMs[at] ?? 0) + part.emptyMs;
    c.effectiveMs[at] = (c.effectiveMs[at] ?? 0) + part.effectiveMs;
    c.effectiveLowMs[at] = (c.effectiveLowMs[at] ?? 0) + part.effectiveLowMs;
    c.effectiveHighMs[at] = (c.effectiveHighMs[at] ?? 0) + part.effectiveHighMs;
    c.throttledMs[at] = (c.throttledMs[at] ?? 0) + part.throttledMs;
  }

  /** Ends the window at hand with the means of its readings; a window without observed time is left out. */
  closeWindow(startMs: number, w: WindowSums, load: number): void {
    const c = this.#columns;
    const at = this.#length;
    if ((c.observedMs[at] ?? 0) === 0) return;
    c.startMs[at] = startMs;
    c.utilizationPct[at] = (100 * w.busyMs) / w.observedMs;
    c.utilizationMemoryPct[at] = w.memoryUtilization / w.memoryUtilizationMs / 100;
    c.powerW[at] = w.power / w.powerMs / 10;
    c.load[at] = load;
    c.memoryUsedMib[at] = w.memoryPeak > 0 ? w.memoryPeak - 1 : NaN;
    c.clockSmMhz[at] = w.clock / w.clockMs;
    c.pcieMibPerS[at] = w.pcie / w.pcieMs;
    c.smActivityShare[at] = w.smActivity / w.gpmMs / 10_000;
    c.dramActivityShare[at] = w.dramActivity / w.gpmMs / 10_000;
    c.tensorActivityShare[at] = w.tensorActivity / w.tensorMs / 10_000;
    if (w.linkLowMs > 0) {
      const capacity = c.startMs.length;
      this.#linkLowMs ??=
        c.windowMs < 2 ** 16 ? new Uint16Array(capacity) : new Uint32Array(capacity);
      this.#linkLowMs[at] = w.linkLowMs;
    }
    this.#length++;
  }

  windows(): Windows {
    return { ...this.#columns, length: this.#length, linkLowMs: this.#linkLowMs };
  }
}
