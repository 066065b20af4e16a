import { plain } from './text.ts';

export interface TestCase {
  readonly name: string;
  readonly outcome: 'pass' | 'failure' | 'skipped';
  readonly text: string;
}

/** A group of test cases; `out` is what is said beside them. */
export interface TestSuite {
  readonly name: string;
  readonly cases: readonly TestCase[];
  readonly out: readonly string[];
}

/**
 * JUnit XML that keeps to what both common schemas want (windyroad's JUnit.xsd, Jenkins' xunit): each attribute of a
 * suite, and its properties, system-out and system-err in this order.
 */
export function junitXml(
  of: { readonly host: string; readonly at: string },
  suites: readonly TestSuite[],
): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    ...suites.flatMap((suite, id) => suiteLines(of, id, suite)),
    '</testsuites>',
    '',
  ].join('\n');
}

function suiteLines(
  { host, at }: { readonly host: string; readonly at: string },
  id: number,
  { name, cases, out }: TestSuite,
): string[] {
  const count = (outcome: TestCase['outcome']): number =>
    cases.filter((one) => one.outcome === outcome).length;
  const attributes = {
    id: `${id}`,
    package: 'gpucost',
    name: `gpucost.${name}`,
    // Without milliseconds and zone: the schema's pattern has none; UTC.
    timestamp: at.slice(0, 19),
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
