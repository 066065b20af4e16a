import type { Outcome, Verdict } from './outcomes.ts';
import type { Truth } from './truth-case.ts';

/** How often each outcome met each truth. */
export type Confusion = Readonly<Record<Truth, Readonly<Record<Outcome, number>>>>;

/** A share with its 95 % interval; null where there is nothing to divide by. */
export interface Estimate {
  readonly of: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** One rule over a group of cases, counted by GPU and by independent case. */
export interface RuleScore {
  readonly rule: string;
  readonly byGpu: Confusion;
  readonly byCase: Confusion;
}

/** Verdicts of one case; those of the same group are one piece of evidence. */
export interface Judged {
  readonly group: string;
  readonly verdicts: readonly Verdict[];
}

/** The confusion of each rule that has a known truth or was detected anywhere. */
export function score(cases: readonly Judged[]): readonly RuleScore[] {
  const rules = new Set(cases.flatMap(({ verdicts }) => verdicts.map(({ rule }) => rule)));
  return [...rules].flatMap((rule) => {
    const of = cases.map(({ group, verdicts }) => ({
      group,
      verdicts: verdicts.filter((verdict) => verdict.rule === rule),
    }));
    const byGpu = count(of.flatMap(({ verdicts }) => verdicts));
    const says = total(byGpu.present) + total(byGpu.absent) + byGpu.unknown.detected > 0;
    return says ? [{ rule, byGpu, byCase: count(independent(of)) }] : [];
  });
}

/**
 * One verdict a group and truth: the worst. Where something is present, a GPU on which it was missed decides; where
 * it is absent, one on which it was claimed.
 */
function independent(cases: readonly Judged[]): readonly Verdict[] {
  const worst = {
    present: ['clear', 'not-judged', 'detected'],
    absent: ['detected', 'clear', 'not-judged'],
    unknown: ['detected', 'clear', 'not-judged'],
  } as const satisfies Record<Truth, readonly Outcome[]>;
  const groups = new Map<string, Verdict[]>();
  for (const { group, verdicts } of cases) {
    for (const verdict of verdicts) {
      const key = `${group} ${verdict.truth}`;
      const members = groups.get(key);
      if (members) members.push(verdict);
      else groups.set(key, [verdict]);
    }
  }
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const order: readonly Outcome[] = worst[first.truth];
    const outcome = order.find((o) => members.some(({ outcome: said }) => said === o));
    return outcome === undefined ? [] : [{ ...first, outcome }];
  });
}

function count(verdicts: readonly Verdict[]): Confusion {
  const of = (truth: Truth) => {
    const known = verdicts.filter((verdict) => verdict.truth === truth);
    const times = (outcome: Outcome) => known.filter((v) => v.outcome === outcome).length;
    return {
      detected: times('detected'),
      clear: times('clear'),
      'not-judged': times('not-judged'),
    };
  };
  return { present: of('present'), absent: of('absent'), unknown: of('unknown') };
}

function total(outcomes: Readonly<Record<Outcome, number>>): number {
  return outcomes.detected + outcomes.clear + outcomes['not-judged'];
}

/** Of what was detected, the share that is true. */
export function precision({ present, absent }: Confusion): Estimate | null {
  return wilson(present.detected, present.detected + absent.detected);
}

/** Of what is true, the share that was detected; what was not judged is not detected. */
export function recall({ present }: Confusion): Estimate | null {
  return wilson(present.detected, total(present));
}

/** Wilson's score interval at 95 % (Wilson 1927, JASA 22:209): honest for few cases and for shares of 0 and 1. */
export function wilson(hits: number, of: number): Estimate | null {
  if (of === 0) return null;
  const z = 1.959964;
  const share = hits / of;
  const scale = 1 + (z * z) / of;
  const middle = (share + (z * z) / (2 * of)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
  return {
    of,
    value: share,
    low: Math.max(0, middle - half),
    high: Math.min(1, middle + half),
  };
}
