import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EffectiveError } from '../kit/effective-error.ts';
import { type Verdict, verdictsOf } from './outcomes.ts';
import { namedCauses, type TruthCase, type TruthSet } from './truth-case.ts';

export interface CaseResult {
  readonly name: string;
  readonly group: string;
  readonly verdicts: readonly Verdict[];
  readonly effective: readonly EffectiveError[];
  readonly note: string | null;
  /** Claimed and not there, there and missed, or failed: in words, empty where there is none. */
  readonly wrong: readonly string[];
  /** Rules of which the truth is there, and which were not judged. */
  readonly unjudged: readonly string[];
}

export interface SetResult {
  readonly set: TruthSet;
  readonly cases: readonly CaseResult[];
  readonly skipped: readonly { readonly name: string; readonly why: string }[];
}

/** Runs the product over a set's cases; `onCase` hears of each once it is done, and of how many are left. */
export async function runSet(
  set: TruthSet,
  onCase: (name: string, left: number) => void = () => undefined,
): Promise<SetResult> {
  if (set.missing !== null) {
    return { set, cases: [], skipped: [{ name: 'all', why: set.missing }] };
  }
  const scratch = await mkdtemp(join(tmpdir(), 'gpucost-truth-'));
  try {
    return await runCases(set, set.cases(scratch), onCase);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function runCases(
  set: TruthSet,
  cases: readonly TruthCase[],
  onCase: (name: string, left: number) => void,
): Promise<SetResult> {
  const results: (CaseResult | { readonly name: string; readonly why: string })[] = [];
  const waiting = [...cases];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      results.push(await runCase(next, set));
      onCase(next.name, cases.length - results.length);
    }
  };
  await Promise.all(Array.from({ length: set.parallel ?? 1 }, worker));
  return {
    set,
    cases: results.flatMap((result) => ('verdicts' in result ? [result] : [])),
    skipped: results.flatMap((result) => ('why' in result ? [result] : [])),
  };
}

async function runCase(
  { name, group, observe }: TruthCase,
  set: TruthSet,
): Promise<CaseResult | { readonly name: string; readonly why: string }> {
  const observed = await observe().catch((error: unknown) => ({ error }));
  if ('error' in observed) {
    const wrong = [`the run failed: ${String(observed.error)}`];
    return { name, group, verdicts: [], effective: [], note: null, wrong, unjudged: [] };
  }
  if ('skipped' in observed) return { name, why: observed.skipped };
  const verdicts = verdictsOf(observed);
  return {
    name,
    group,
    verdicts,
    effective: observed.effective ?? [],
    note: observed.note ?? null,
    wrong: wrongOf(verdicts, set),
    unjudged: unjudgedOf(verdicts),
  };
}

function wrongOf(verdicts: readonly Verdict[], set: TruthSet): readonly string[] {
  const lines = new Map<string, number[]>();
  for (const verdict of verdicts) {
    const what = mistake(verdict, set);
    if (what === null) continue;
    const gpus = lines.get(what) ?? [];
    gpus.push(verdict.gpu);
    lines.set(what, gpus);
  }
  const several = new Set(verdicts.map(({ gpu }) => gpu)).size > 1;
  return [...lines].map(([what, gpus]) => (several ? `${what} on GPU ${gpus.join(', ')}` : what));
}

function mistake({ rule, outcome, truth }: Verdict, set: TruthSet): string | null {
  if (outcome === 'detected') {
    if (truth === 'absent') return `${rule} is claimed and not there`;
    const isCause = namedCauses.some((cause) => cause === rule);
    return set.carriesNoCause && isCause ? `${rule} is named without a signal for it` : null;
  }
  return truth === 'present' && outcome === 'clear' ? `${rule} is there and missed` : null;
}

function unjudgedOf(verdicts: readonly Verdict[]): readonly string[] {
  const rules = verdicts
    .filter(({ outcome, truth }) => outcome === 'not-judged' && truth === 'present')
    .map(({ rule }) => rule);
  return [...new Set(rules)];
}
