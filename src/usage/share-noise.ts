import { noiseBins, ratioError } from './noise.ts';
import { type ObservedState, observedStates } from './states.ts';
import type { GpuUsage } from './usage.ts';

/** Standard errors of shares of the observed GPU time, 0–1, from the run's own course. */
export interface ShareNoise {
  readonly byState: Readonly<Record<ObservedState, number>>;
  readonly wasted: number;
}

/** Windows that a batch must hold for its share to say something. */
const leastWindows = 4;

/** Null where the run is too short to know: less than 8 batches of 4 windows. */
export function shareNoise(gpus: readonly GpuUsage[]): ShareNoise | null {
  const windows = gpus.map((gpu) => gpu.windows).filter(({ length }) => length > 0);
  const startMs = Math.min(...windows.map((w) => w.startMs[0] ?? Infinity));
  const endMs = Math.max(
    ...windows.map((w) => (w.startMs[w.length - 1] ?? -Infinity) + w.windowMs),
  );
  const spanMs = endMs - startMs;
  const windowMs = Math.max(...windows.map((w) => w.windowMs));
  if (windows.length === 0 || spanMs < 8 * leastWindows * windowMs) return null;

  const bins = (): number[] => Array.from({ length: noiseBins }, () => 0);
  const observed = bins();
  const by = Object.fromEntries(observedStates.map((state) => [state, bins()]));
  const add = (state: ObservedState, bin: number, ms: number): void => {
    const column = by[state];
    if (column !== undefined) column[bin] = (column[bin] ?? 0) + ms;
  };
  for (const w of windows) {
    for (let i = 0; i < w.length; i++) {
      const middle = (w.startMs[i] ?? 0) + w.windowMs / 2;
      const bin = Math.min(noiseBins - 1, Math.floor(((middle - startMs) / spanMs) * noiseBins));
      const busy = w.busyMs[i] ?? 0;
      const effective = w.effectiveMs[i] ?? 0;
      const throttled = w.throttledMs[i] ?? 0;
      observed[bin] = (observed[bin] ?? 0) + (w.observedMs[i] ?? 0);
      add('effective', bin, effective);
      add('throttled', bin, throttled);
      add('underfilled', bin, Math.max(0, busy - effective - throttled));
      add('waiting', bin, w.waitingMs[i] ?? 0);
      add('heldIdle', bin, w.heldMs[i] ?? 0);
      add('emptyIdle', bin, w.emptyMs[i] ?? 0);
    }
  }
  const leastBins = (leastWindows * windowMs * noiseBins) / spanMs;
  const errors = observedStates.map((state) => ratioError(by[state] ?? [], observed, leastBins));
  const [effective, underfilled, throttled, waiting, heldIdle, emptyIdle] = errors;
  if (effective == null || underfilled == null || throttled == null) return null;
  if (waiting == null || heldIdle == null || emptyIdle == null) return null;
  return {
    byState: { effective, underfilled, throttled, waiting, heldIdle, emptyIdle },
    // All that is not effective is wasted: one share has the other's error.
    wasted: effective,
  };
}
