import type { Report } from '../report/report.ts';
import { gpuList } from './labels.ts';
import type { Renderer } from './renderer.ts';
import { gateText, worth } from './sentences.ts';
import { plain } from './text.ts';

interface TestCase {
  readonly name: string;
  readonly outcome: 'pass' | 'failure' | 'skipped';
  readonly text: string;
}

/**
 * JUnit XML with one test case a gate, and one a rule that found something or could not judge. Failures are failed gates,
 * and the findings that they failed on, so that the file is red when the exit code is 1 and at no other time.
 * It keeps to what both common schemas want (windyroad's JUnit.xsd, Jenkins' xunit): each attribute of a suite, and its
 * properties, system-out and system-err in this order.
 */
export const renderJunit: Renderer = (report) =>
  [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    ...suite(report, 0, 'gates', gateCases(report), []),
    ...suite(report, 1, 'rules', ruleCases(report), findingTexts(report)),
    '</testsuites>',
    '',
  ].join('\n');

function suite(
  report: Report,
  id: number,
  name: string,
  cases: readonly TestCase[],
  out: readonly string[],
): string[] {
  const count = (outcome: TestCase['outcome']): number =>
    cases.filter((one) => one.outcome === outcome).length;
  const host = report.machines[0]?.host ?? 'unknown';
  const attributes = {
    id: `${id}`,
    package: 'gpucost',
    name: `gpucost.${name}`,
    // Without milliseconds and zone: the schema's pattern has none; UTC.
    timestamp: report.generatedAt.slice(0, 19),
    hostname: host.trim() === '' ? 'unknown' : host,
    tests: `${cases.length}`,
    failures: `${count('failure')}`,
    errors: '0',
    skipped: `${count('skipped')}`,
    time: '0',
  };
  return [
    `  <testsuite ${attributesText(attributes)}>`,
    '    <properties/>',
    ...cases.flatMap((one) => caseLines(name, one)),
    `    <system-out>${xml(out.join('\n'))}</system-out>`,
    '    <system-err></system-err>',
    '  </testsuite>',
  ];
}

function caseLines(suiteName: string, { name, outcome, text }: TestCase): string[] {
  const open = `    <testcase ${attributesText({ name, classname: `gpucost.${suiteName}`, time: '0' })}`;
  if (outcome === 'pass') return [`${open}/>`];
  const message = attributesText({ message: text });
  const inner =
    outcome === 'skipped'
      ? `      <skipped ${message}/>`
      : `      <failure ${message} type="${suiteName}">${xml(text)}</failure>`;
  return [`${open}>`, inner, '    </testcase>'];
}

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

function attributesText(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}="${xml(value)}"`)
    .join(' ');
}

/** XML 1.0 knows no control characters and no lone surrogates; names may hold either. */
function xml(text: string): string {
  return text
    .split('\n')
    .map((line) => plain(line).replace(/\p{Surrogate}/gu, '\uFFFD'))
    .join('\n')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/[\uFFFE\uFFFF]/g, '');
}
