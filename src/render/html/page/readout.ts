import { type ObservedState, observedStates } from '../../../usage/states.ts';
import { stateLabels } from '../../accounts.ts';
import { instant, number, percent } from '../../format.ts';
import { pointAt } from '../columns.ts';
import type { Lane, Track } from '../track.ts';

/** What a GPU's point at an instant says, in words. */
export function readoutText(track: Track, ms: number, startMs: number): string {
  // The year is the header's.
  const time = instant(new Date(startMs + ms).toISOString()).replace(/^\d{4}-/, '');
  const i = pointAt(track, ms);
  if (i < 0) return `${time}: ${stateLabels.unobserved}`;
  const length = Math.max(1, (track.end[i] ?? 0) - (track.start[i] ?? 0));
  const share = (state: ObservedState): number => (track.states[state][i] ?? 0) / length;
  const states = observedStates
    .filter((state) => share(state) >= 0.005)
    .map((state) => `${stateLabels[state]} ${percent(Math.min(1, share(state)))}`);
  const readings = [
    reading('utilization', track.utilizationPct, i, 1, ' %'),
    reading('load', track.loadPct, i, 1, ' %'),
    reading('power', track.powerW, i, 1, ' W'),
    reading('memory', track.memoryMib, i, 1024, ' GiB'),
    states.join(', '),
  ].filter((text) => text !== '');
  return `${time}: ${readings.join('; ')}`;
}

function reading(
  name: string,
  lane: Lane | null,
  i: number,
  divisor: number,
  unit: string,
): string {
  const low = lane?.band.low[i] ?? null;
  const high = lane?.band.high[i] ?? null;
  if (low === null || high === null) return '';
  const [from, to] = [number(low / divisor), number(high / divisor)];
  return `${name} ${from === to ? from : `${from}–${to}`}${unit}`;
}
