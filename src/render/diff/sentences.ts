import { isSilent } from '../../diff/compare.ts';
import type { Diff, DiffRatio } from '../../diff/verdict.ts';
import { percent } from '../format.ts';
import { unitNames } from '../work.ts';

/** The answer in one sentence: what a unit of the later run's work cost, and whether anything else changed. */
export function answerSentence(diff: Diff): string {
  const told = toldOf(diff);
  if (told === null) {
    return isSilent(diff)
      ? 'No change can be told: see what can’t be compared.'
      : 'Whether the same work cost more can’t be told, but some of it changed.';
  }
  const { what, took, ratio } = told;
  const { change, noise } = ratio;
  if (noise === null) {
    return `Whether ${article(what)} ${took} more can’t be told: the noise of a run is not known (it looks like ${changeText(change)}).`;
  }
  if (Math.abs(change) <= noise) {
    const rest = isSilent(diff) ? '' : ' Other things changed:';
    return `No change beyond the noise: this run’s ${what} ${took} the same within ± ${percent(noise, 1)}.${rest}`;
  }
  return `This run’s ${what} ${took} ${changeText(change)} (± ${(noise * 100).toFixed(1)}).`;
}

interface Told {
  readonly what: string;
  readonly took: string;
  readonly ratio: DiffRatio;
}

function toldOf({ work, effectiveHour }: Diff): Told | null {
  const [main] = work;
  if (main !== undefined) {
    return main.costPer === null
      ? { what: unitNames[main.unit], took: 'took GPU time', ratio: main.gpuHoursPer }
      : { what: unitNames[main.unit], took: 'cost', ratio: main.costPer };
  }
  if (effectiveHour === null) return null;
  const { cost, gpuHours } = effectiveHour;
  return cost === null
    ? { what: 'effective GPU-hour', took: 'took billed time', ratio: gpuHours }
    : { what: 'effective GPU-hour', took: 'cost', ratio: cost };
}

function article(what: string): string {
  return `${what.startsWith('e') ? 'an' : 'a'} ${what}`;
}

function changeText(change: number): string {
  return `${percent(Math.abs(change), Math.abs(change) < 0.1 ? 1 : 0)} ${change < 0 ? 'less' : 'more'}`;
}

/** Why the pipeline stops, or does not; null without a limit. */
export function diffGateText({ gate }: Diff): string | null {
  if (gate === null) return null;
  const { by, limit, change, low, high, result, reason } = gate;
  const what = by === 'work' ? 'a unit of work' : 'an effective GPU-hour';
  const limitText = `the limit is ${percent(limit, 1)} more`;
  const seen =
    change === null
      ? ''
      : low === null || high === null
        ? `, ${what} seems ${changeText(change)}`
        : `, ${what} is between ${signedPercent(low)} and ${signedPercent(high)}`;
  const why = reason === null ? '' : ` (${reason})`;
  const word = result === 'not-judged' ? 'not judged' : result;
  return `regression: ${word}, ${limitText}${seen}${why}`;
}

function signedPercent(share: number): string {
  return `${share < 0 ? '' : '+'}${percent(share, 1)}`;
}

/** By what the noise is known. */
export const noiseSentence =
  '± is a 99.5 % band from each run’s own course (batch means), at least 1 point of time and 2 % of a unit; two starts of one job can differ by more than either run shows.';
