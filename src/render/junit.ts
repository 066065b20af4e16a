import type { Report } from '../report/report.ts';
import { junitXml, type TestCase } from './junit-xml.ts';
import { gpuList, isSuppressedEntry } from './labels.ts';
import type { Renderer } from './renderer.ts';
import { gateText, worth } from './sentences.ts';

/**
 * JUnit XML with one test case a gate, and one a rule that found something or could not judge. Failures are failed gates,
 * and the findings that they failed on, so that the file is red when the exit code is 1 and at no other time.
 */
export const renderJunit: Renderer = (report) =>
  junitXml({ host: report.machines[0]?.host ?? 'unknown', at: report.generatedAt }, [
    { name: 'gates', cases: gateCases(report), out: [] },
    { name: 'rules', cases: ruleCases(report), out: findingTexts(report) },
  ]);

const outcomes = { pass: 'pass', warn: 'pass', fail: 'failure', 'not-judged': 'skipped' } as const;

function gateCases(report: Report): TestCase[] {
  return report.gates.map((gate) => ({
    name: `${gate.name} ${gate.limit}`,
    outcome: outcomes[gate.result],
    text: gateText(gate, report),
  }));
}

function ruleCases(report: Report): TestCase[] {
  const failedOn = report.gates
    .filter(({ name, result }) => name === 'fail-on' && result === 'fail')
    .map(({ limit }) => limit);
  const isFailed = (rule: string, severity: keyof typeof rank): boolean =>
    failedOn.some(
      (limit) => limit === rule || (isSeverity(limit) && rank[severity] >= rank[limit]),
    );
  const rules = [...new Set(report.findings.map(({ rule }) => rule))];
  const skipped = new Map(
    report.notJudged
      .filter(({ rule }) => !rules.includes(rule))
      // Of several reasons, that it was found and accepted is the one to be seen.
      .toSorted(
        (a, b) => Number(isSuppressedEntry(report, a)) - Number(isSuppressedEntry(report, b)),
      )
      .map(({ rule, reason }) => [rule, reason]),
  );
  return [
    ...rules.map((rule): TestCase => {
      const findings = report.findings.filter((finding) => finding.rule === rule);
      const failed = findings.filter(({ severity }) => isFailed(rule, severity));
      return {
        name: rule,
        outcome: failed.length > 0 ? 'failure' : 'pass',
        text: failed.map(({ summary }) => summary).join(' '),
      };
    }),
    ...[...skipped].map(
      ([rule, reason]): TestCase => ({
        name: rule,
        outcome: 'skipped',
        text: reason,
      }),
    ),
  ];
}

const rank = { info: 0, warning: 1, critical: 2 } as const;

function isSeverity(limit: number | string): limit is keyof typeof rank {
  return typeof limit === 'string' && Object.hasOwn(rank, limit);
}

function findingTexts(report: Report): string[] {
  return report.findings.map(
    (finding) =>
      `${finding.severity} ${finding.rule} on ${gpuList(report, finding.gpus, '-')}, ${worth(finding, report)}: ${finding.summary}`,
  );
}
