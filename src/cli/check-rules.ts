import type { ProjectFile } from '../config/project-file.ts';
import { UsageError } from '../errors.ts';
import { dotted, valueAt } from '../rates/issues.ts';
import { nearest } from '../rates/nearest.ts';
import { NumberText } from '../rates/number-text.ts';
import { type Problem, problemsError, quoteShort } from '../rates/problem.ts';
import type { YamlText } from '../rates/yaml-text.ts';
import { severities } from '../report/gates.ts';
import { rules } from '../rules/index.ts';
import type { Threshold } from '../rules/rule.ts';

const ruleIds = rules.map(({ meta }) => meta.id);

/** Throws UsageError for a `--fail-on` that is neither a severity nor a rule. */
export function checkFailOn(wanted: readonly string[]): void {
  for (const name of wanted) {
    if (ruleIds.includes(name) || severities.some((severity) => severity === name)) continue;
    throw new UsageError(`--fail-on ${name}: there is no such severity or rule`, {
      hint: `${meant(name, [...severities, ...ruleIds])}Severities: ${severities.join(', ')}; rules: gpucost explain.`,
    });
  }
}

/** Throws UsageError with the places of rules and thresholds in the project file that don't exist. */
export function checkThresholds(project: ProjectFile): void {
  const { thresholds = {}, suppressions = [], budgets } = project.settings;
  const problems: Problem[] = [];
  const unknown = (
    path: readonly (string | number)[],
    name: string,
    known: readonly string[],
    what: string,
  ) =>
    problems.push({
      ...project.yaml.keyPlace(path),
      key: dotted(path),
      message: `expected ${what}, got "${name}"; ${meant(name, known)}known: ${known.join(', ')}`,
    });

  for (const [id, limits] of Object.entries(thresholds)) {
    const rule = rules.find(({ meta }) => meta.id === id);
    if (rule === undefined) {
      unknown(['thresholds', id], id, ruleIds, 'a rule');
      continue;
    }
    const known = Object.keys(rule.meta.thresholds);
    for (const name of Object.keys(limits)) {
      const path = ['thresholds', id, name];
      const threshold = rule.meta.thresholds[name];
      if (threshold === undefined) unknown(path, name, known, `a threshold of ${id}`);
      else problems.push(...wrongUnit(project.yaml, path, threshold));
    }
  }
  for (const [index, { rule }] of suppressions.entries()) {
    if (!ruleIds.includes(rule)) unknown(['suppressions', index, 'rule'], rule, ruleIds, 'a rule');
  }
  for (const [index, budget] of (budgets?.fail_on ?? []).entries()) {
    const name = typeof budget === 'string' ? budget : budget.limit;
    const known = [...severities, ...ruleIds];
    if (!known.includes(name)) {
      unknown(['budgets', 'fail_on', index], name, known, 'a severity or a rule');
    }
  }
  if (problems.length > 0) throw problemsError(project.path, problems);
}

/** A bare number would be taken for milliseconds, a duration for so many GPUs or MiB. */
function wrongUnit(yaml: YamlText, path: readonly string[], { unit, value }: Threshold): Problem[] {
  const written = valueAt(yaml.value, path);
  const isNumber = written instanceof NumberText;
  if (isNumber === (unit !== 'ms')) return [];
  const found = `got ${quoteShort(isNumber ? written.text : String(written))}`;
  const message = isNumber
    ? `expected a duration with its unit, such as ${durationText(value)} (the default), ${found}`
    : `expected a number in the unit "${unit}", such as ${value} (the default), ${found}`;
  return [{ ...yaml.place(path), key: dotted(path), message }];
}

function durationText(ms: number): string {
  for (const [unit, size] of [
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ] as const) {
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}

function meant(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near.length === 0 ? '' : `did you mean ${near.join(' or ')}? `;
}
