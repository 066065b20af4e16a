import type { Report } from '../../src/report/report.ts';
import type { EffectiveError } from '../kit/effective-error.ts';

/** What is known of a rule on a GPU, from something else than the signals that the rule reads. */
export type Truth = 'present' | 'absent' | 'unknown';

/** By rule; GPUs by their place in the report's list. Rules and GPUs that are not named are unknown. */
export interface Labels {
  readonly present: Readonly<Record<string, readonly number[] | 'all'>>;
  readonly absent: Readonly<Record<string, readonly number[] | 'all'>>;
}

/** What the product said of a case, and what is true of it. */
export interface Observed {
  readonly report: Report;
  readonly labels: Labels;
  /** Where activity was measured on the chip: how far the effective share lies from it. */
  readonly effective?: readonly EffectiveError[];
  /** What a reader should know of this run: what the program says of itself, say. */
  readonly note?: string;
}

export interface TruthCase {
  readonly name: string;
  /** Cases with the same group are no independent evidence (the same run, sampled otherwise): they count as one. */
  readonly group: string;
  /** Runs the product. `skipped` says why the case says nothing here. */
  readonly observe: () => Promise<Observed | { readonly skipped: string }>;
}

/** Cases of one origin; one file a set, listed in sets/index.ts. */
export interface TruthSet {
  readonly id: string;
  readonly title: string;
  /** Which parts are real and which are not, in a sentence. */
  readonly reality: string;
  /** Rules of which a threshold was chosen on these cases, or on which they were watched while it was: 'all', 'none', or ids. */
  readonly chosenFor: 'all' | 'none' | readonly string[];
  /** Takes minutes, or needs programs that a CI may not have: left out with --quick. */
  readonly isSlow: boolean;
  /** Null where the set can be run here, else why not. */
  readonly missing: string | null;
  /** True: nothing in it tells why a GPU waits, so that any named cause is an error whatever the truth. */
  readonly carriesNoCause: boolean;
  /** `scratch` is a folder for what the cases need, there until the last of them has run. */
  cases(scratch: string): readonly TruthCase[];
  /** How many cases may run at a time; the default is one after another. */
  readonly parallel?: number;
}

/** Rules that name why a GPU waits. */
export const namedCauses = ['io-bound', 'cpu-bound-input', 'host-bound', 'transfer-bound'] as const;

/** Rules that call time wasted: none of them is right on healthy work. */
export const wasteRules = [
  ...namedCauses,
  'undetermined-wait',
  'idle-held',
  'idle-empty',
  'undersized-batch',
  'oversized-gpu',
  'hollow-busy',
  'hung-collective',
  'ghost-utilization',
  'memory-oversubscribed',
  'unused-gpus',
  'imbalance',
  'throttled',
  'slow-start',
  'periodic-stall',
  'pcie-degraded',
] as const;

/** The same GPUs for each of the rules. */
export function each<T extends readonly number[] | 'all'>(
  rules: readonly string[],
  gpus: T,
): Readonly<Record<string, T>> {
  return Object.fromEntries(rules.map((rule) => [rule, gpus]));
}

export function without(rules: readonly string[], ...left: readonly string[]): readonly string[] {
  return rules.filter((rule) => !left.includes(rule));
}
