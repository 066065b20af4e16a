import { score } from './confusion.ts';
import type { SetResult } from './run-set.ts';
import { effectiveTable, scoreTable, setTable, unjudgedTable } from './tables.ts';

/** Everything that came out, held-out and chosen cases apart, failures last. */
export function print(results: readonly SetResult[]): string {
  return [
    section('Sets', setTable(results)),
    section(
      'What is real and what is not',
      ...results.map(({ set }) => `${set.id}: ${set.title}.\n  ${set.reality}`),
    ),
    section(
      'Held out: no threshold of the rule was chosen on these cases',
      scoreTable(score(partOf(results, false))),
    ),
    section(
      'Chosen: thresholds of the rule were chosen on these cases, or watched while they were',
      scoreTable(score(partOf(results, true))),
      '',
      'Counted by independent case: where something is there, the worst GPU decides; where it is not, one that claims it.',
      'Precision and recall with the Wilson interval at 95 %; what is not judged is not found. GPUs of one case are not',
      'independent, so the figures by GPU carry no interval.',
    ),
    section(
      'Effective share against measured activity',
      'Chosen: the form of the estimate was chosen on these runs.',
      effective(results, true),
      'Held out: runs that the estimate was not chosen on.',
      effective(results, false),
    ),
    notes(results),
    skipped(results),
    section(
      'There, and not judged (as a rule because the signals that the rule needs were not recorded)',
      unjudgedTable(results),
    ),
    wrong(results),
  ].join('');
}

function effective(results: readonly SetResult[], isChosen: boolean): string {
  const runs = results
    .filter(({ set }) => (set.chosenFor === 'all') === isChosen)
    .flatMap(({ set, cases }) =>
      cases
        .filter((result) => result.effective.length > 0)
        .map((result) => [`${set.id}: ${result.name}`, result.effective] as const),
    );
  return runs.length === 0
    ? '  (no run with measured activity here)'
    : effectiveTable(new Map(runs));
}

function notes(results: readonly SetResult[]): string {
  const lines = results.flatMap(({ set, cases }) =>
    cases.flatMap(({ name, note }) => (note === null ? [] : [`${set.id}: ${name}\n    ${note}`])),
  );
  return lines.length === 0 ? '' : section('Notes', ...lines);
}

function skipped(results: readonly SetResult[]): string {
  const lines = results.flatMap(({ set, skipped: left }) =>
    left.map(({ name, why }) => `${set.id}: ${name}: ${why}`),
  );
  return lines.length === 0 ? '' : section('Skipped', ...lines);
}

/** By what went wrong, with some of the cases in which it did. */
function wrong(results: readonly SetResult[]): string {
  const shown = 4;
  const cases = new Map<string, string[]>();
  for (const { set, cases: all } of results) {
    for (const { name, wrong: lines } of all) {
      for (const line of lines) {
        const key = `${set.id}: ${line}`;
        cases.set(key, [...(cases.get(key) ?? []), name]);
      }
    }
  }
  if (cases.size === 0) return section('WRONG: nothing');
  const lines = [...cases].flatMap(([what, names]) => [
    `${what} (${names.length} ${names.length === 1 ? 'case' : 'cases'})`,
    ...names.slice(0, shown).map((name) => `    ${name}`),
    ...(names.length > shown ? [`    … and ${names.length - shown} more`] : []),
  ]);
  return section('WRONG', ...lines);
}

/** Cases as far as thresholds of the judged rule were, or were not, chosen on them. */
function partOf(results: readonly SetResult[], isChosen: boolean) {
  return results.flatMap(({ set, cases }) =>
    cases.map(({ group, verdicts }) => ({
      group: `${set.id} ${group}`,
      verdicts: verdicts.filter(
        ({ rule }) =>
          (set.chosenFor === 'all' ||
            (set.chosenFor !== 'none' && set.chosenFor.includes(rule))) === isChosen,
      ),
    })),
  );
}

function section(title: string, ...lines: readonly string[]): string {
  return `\n== ${title}\n${lines.map((line) => `${line}\n`).join('')}`;
}
