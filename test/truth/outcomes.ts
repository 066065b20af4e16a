import type { Report } from '../../src/report/report.ts';
import { rules } from '../../src/rules/index.ts';
import type { Labels, Observed, Truth } from './truth-case.ts';

export type Outcome = 'detected' | 'clear' | 'not-judged';

/** One rule on one GPU of one case: what was said, and what is true. */
export interface Verdict {
  readonly rule: string;
  /** Place in the report's list of GPUs. */
  readonly gpu: number;
  readonly outcome: Outcome;
  readonly truth: Truth;
}

/** What the product says of every rule on every GPU, beside the truth. */
export function verdictsOf({ report, labels }: Observed): readonly Verdict[] {
  return rules.flatMap(({ meta }) =>
    report.gpus.map(({ id }, gpu) => ({
      rule: meta.id,
      gpu,
      outcome: outcomeOf(report, meta.id, id),
      truth: truthOf(labels, meta.id, gpu),
    })),
  );
}

function outcomeOf(report: Report, rule: string, gpu: string): Outcome {
  const isNamed = (entry: { readonly rule: string; readonly gpus: readonly string[] }) =>
    entry.rule === rule && entry.gpus.includes(gpu);
  if (report.findings.some(isNamed)) return 'detected';
  return report.notJudged.some(isNamed) ? 'not-judged' : 'clear';
}

function truthOf({ present, absent }: Labels, rule: string, gpu: number): Truth {
  const names = (gpus: readonly number[] | 'all' | undefined) =>
    gpus === 'all' || (gpus?.includes(gpu) ?? false);
  if (names(present[rule])) return 'present';
  return names(absent[rule]) ? 'absent' : 'unknown';
}
