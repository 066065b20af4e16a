import type { EffectiveError } from '../kit/effective-error.ts';
import { type Confusion, type Estimate, precision, type RuleScore, recall } from './confusion.ts';
import type { SetResult } from './run-set.ts';

/** Rows under a head, columns padded to their widest cell; the first column is left-aligned. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** Confusion of each rule by independent case, with precision and recall and their 95 % intervals. */
export function scoreTable(scores: readonly RuleScore[]): string {
  if (scores.length === 0) return '  (no case)';
  return table(
    [
      'rule',
      'there: found',
      'missed',
      'not judged',
      'not there: claimed',
      'clear',
      'not judged',
      'unknown: claimed',
      'precision (95 %)',
      'recall (95 %)',
      'by GPU: precision',
      'recall',
    ],
    scores.map(({ rule, byCase, byGpu }) => [
      rule,
      ...counts(byCase),
      interval(precision(byCase)),
      interval(recall(byCase)),
      share(precision(byGpu)),
      share(recall(byGpu)),
    ]),
  );
}

function counts({ present, absent, unknown }: Confusion): readonly string[] {
  return [
    present.detected,
    present.clear,
    present['not-judged'],
    absent.detected,
    absent.clear,
    absent['not-judged'],
    unknown.detected,
  ].map(String);
}

function interval(estimate: Estimate | null): string {
  if (estimate === null) return '-';
  return `${fixed(estimate.value)} [${fixed(estimate.low)}, ${fixed(estimate.high)}] of ${estimate.of}`;
}

function share(estimate: Estimate | null): string {
  return estimate === null ? '-' : `${fixed(estimate.value)} of ${estimate.of}`;
}

const fixed = (value: number) => value.toFixed(2);

/** What each set is, whether a threshold was chosen on it, and how many of its cases came out right. */
export function setTable(results: readonly SetResult[]): string {
  return table(
    ['set', 'cases', 'independent', 'all right', 'wrong', 'skipped', 'thresholds'],
    results.map(({ set, cases, skipped }) => {
      const wrong = cases.filter((result) => result.wrong.length > 0).length;
      return [
        set.id,
        String(cases.length),
        String(new Set(cases.map(({ group }) => group)).size),
        String(cases.length - wrong),
        String(wrong),
        set.missing ?? String(skipped.length),
        chosenText(set.chosenFor),
      ];
    }),
  );
}

function chosenText(chosenFor: SetResult['set']['chosenFor']): string {
  if (chosenFor === 'none') return 'none chosen on it (held out)';
  if (chosenFor === 'all') return 'chosen on it, or watched while they were';
  return `chosen on it for ${chosenFor.join(', ')}; held out for the others`;
}

/** One row a run: its GPUs' worst bias, and their means of the rest. */
export function effectiveTable(runs: ReadonlyMap<string, readonly EffectiveError[]>): string {
  const number = (value: number) => value.toFixed(3);
  return table(
    ['run', 'GPUs', 'worst bias', 'per window', "utilization's own", 'in band', 'basis'],
    [...runs].map(([name, errors]) => {
      const mean = (read: (error: EffectiveError) => number) =>
        number(errors.reduce((sum, error) => sum + read(error), 0) / errors.length);
      const worst = errors.reduce((a, b) => (Math.abs(b.bias) > Math.abs(a.bias) ? b : a));
      return [
        name,
        String(errors.length),
        number(worst.bias),
        mean(({ perWindow }) => perWindow),
        mean(({ utilizationPerWindow }) => utilizationPerWindow),
        mean(({ inBand }) => inBand),
        [...new Set(errors.map(({ basis }) => basis))].join(', '),
      ];
    }),
  );
}

/** Of each set, the rules that were not judged although their truth is there, and how often. */
export function unjudgedTable(results: readonly SetResult[]): string {
  const rows = results.flatMap(({ set, cases }) => {
    const counts = new Map<string, number>();
    for (const rule of cases.flatMap(({ unjudged }) => unjudged)) {
      counts.set(rule, (counts.get(rule) ?? 0) + 1);
    }
    return [...counts].map(([rule, count]) => [set.id, rule, String(count)]);
  });
  return rows.length === 0 ? 'none' : table(['set', 'rule', 'cases'], rows);
}
