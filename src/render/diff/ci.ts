import { isSilent } from '../../diff/compare.ts';
import type { Diff } from '../../diff/verdict.ts';
import { annotation } from '../annotation.ts';
import { junitXml, type TestCase } from '../junit-xml.ts';
import { findingRows, stateRows, unitRows } from './rows.ts';
import { answerSentence, diffGateText } from './sentences.ts';

const gateLevels = { pass: null, fail: 'error', 'not-judged': 'notice' } as const;

/**
 * Annotations of GitHub Actions: a failed gate is an error, one that was not judged a notice; what is worse or new is a
 * warning, what is better a notice; nothing where nothing changed.
 */
export function renderDiffGithub(diff: Diff): string {
  const text = diffGateText(diff);
  const level = diff.gate === null ? null : gateLevels[diff.gate.result];
  const worse = findingRows(diff).filter(({ status }) => status === 'new' || status === 'worse');
  const states = stateRows(diff).filter(({ verdict }) => verdict === 'worse');
  const changes = [
    ...states.map(({ label, before, after }) => `${label}: ${before} → ${after}`),
    ...worse.map(({ status, rule, title }) => `${status} ${rule}: ${title}`),
  ];
  const isWorse = diff.verdict === 'worse' || changes.length > 0;
  return [
    ...(text === null || level === null ? [] : [annotation(level, 'gpucost regression', text)]),
    ...(isSilent(diff)
      ? []
      : [
          annotation(
            isWorse ? 'warning' : 'notice',
            'gpucost diff',
            [answerSentence(diff), ...changes].join('\n'),
          ),
        ]),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** JUnit XML: the gate, and what a unit cost, are test cases; only a failed gate is red. */
export function renderDiffJunit(diff: Diff): string {
  const { gate } = diff;
  const outcomes = { pass: 'pass', fail: 'failure', 'not-judged': 'skipped' } as const;
  const cases: TestCase[] =
    gate === null
      ? [{ name: 'regression', outcome: 'skipped', text: 'no limit: --fail-on-regression' }]
      : [
          {
            name: `regression ${gate.limit}`,
            outcome: outcomes[gate.result],
            text: diffGateText(diff) ?? '',
          },
        ];
  const out = [
    answerSentence(diff),
    ...[...unitRows(diff), ...stateRows(diff)].map(
      (row) =>
        `${row.label}: ${row.before} -> ${row.after}, ${row.change} (noise ${row.noise}), ${row.verdict}`,
    ),
    ...findingRows(diff).map(({ status, rule, title }) => `${status} ${rule}: ${title}`),
  ];
  return junitXml({ host: 'unknown', at: diff.generatedAt }, [{ name: 'diff', cases, out }]);
}
