import type { ProjectFile } from '../config/project-file.ts';
import { UsageError } from '../errors.ts';
import { dotted } from '../rates/issues.ts';
import { nearest } from '../rates/nearest.ts';
import { type Problem, problemsError } from '../rates/problem.ts';
import { severities } from '../report/gates.ts';
import { rules } from '../rules/index.ts';

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
      if (!known.includes(name))
        unknown(['thresholds', id, name], name, known, `a threshold of ${id}`);
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

function meant(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near.length === 0 ? '' : `did you mean ${near.join(' or ')}? `;
}
