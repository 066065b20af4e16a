import { expect, test } from 'vitest';
import { renderHtml } from '../../src/render/html/render.ts';
import { alternativesSentence, gateText, worthPerDay } from '../../src/render/sentences.ts';
import type { Report, ReportFinding } from '../../src/report/report.ts';
import { aReport } from '../kit/a-report.ts';

const options = { colorLevel: 0, width: 100, unicode: true, verbose: false } as const;
const report = aReport();
const [finding] = report.findings;
if (finding === undefined) throw new Error('the report has no finding');

const competing: ReportFinding = {
  ...finding,
  rule: 'io-bound',
  alternatives: [{ rule: 'host-bound', confidence: 0.55 }],
  decidingTest: {
    action: 'Run a minute on synthetic data.',
    detail: 'Made on the GPU.',
    outcomes: [
      { seen: 'the GPU fills', causes: ['io-bound'] },
      { seen: 'it does not', causes: ['host-bound'] },
    ],
  },
};

test('what a remedy is worth a day, in money, else in hours', () => {
  expect(worthPerDay(finding, report)).toBe('Mending this is worth at most $528.38 a day.');
  const free: Report = { ...report, cost: null };
  const perDay = { gpuHours: 76.8, cost: null };
  const hours = { ...finding, recoverable: { ...finding.recoverable, perDay } };
  expect(worthPerDay(hours, free)).toBe('Mending this is worth at most 76.80 GPU-h a day.');
});

test('nothing is said of a day where too little was observed', () => {
  const { perDay: _, ...recoverable } = finding.recoverable;
  expect(worthPerDay({ ...finding, recoverable }, report)).toBeNull();
  const unknown = { ...finding, recoverable: { ...recoverable, perDay: null } };
  expect(worthPerDay(unknown, report)).toBeNull();
});

test('other causes of the same wait come with the run that decides', () => {
  expect(alternativesSentence(competing)).toBe(
    'It may also be host-bound (55 %). To decide: Run a minute on synthetic data. The GPU fills: io-bound; it does not: host-bound.',
  );
  expect(alternativesSentence(finding)).toBeNull();
  expect(alternativesSentence({ ...competing, alternatives: [] })).toBeNull();
});

test('where no cause is named, the run that decides is', () => {
  expect(alternativesSentence({ ...competing, rule: 'undetermined-wait', alternatives: [] })).toBe(
    'To decide: Run a minute on synthetic data. The GPU fills: io-bound; it does not: host-bound.',
  );
});

test('the page shows what decides', () => {
  const page = renderHtml({ ...report, findings: [competing] }, options);
  expect(page).toContain('Which test decides');
  expect(page).toContain('<code>host-bound</code> (55 %)');
});

const gate = { level: 'error', reason: null } as const;

test.each([
  [
    { ...gate, name: 'fail-on', limit: 'critical', actual: null, result: 'pass' },
    'gate fail-on critical: pass (no such finding)',
  ],
  [
    { ...gate, name: 'fail-on', limit: 'critical', actual: 'idle-held', result: 'fail' },
    'gate fail-on critical: fail (found idle-held)',
  ],
  [
    { ...gate, name: 'max-cost', limit: 2, actual: 6.124864, result: 'fail' },
    'gate max-cost: fail ($6.12 against at most $2.00)',
  ],
  [
    { ...gate, name: 'max-cost', limit: 2, actual: 2.0004, result: 'fail' },
    'gate max-cost: fail ($2.0004 against at most $2.00)',
  ],
  [
    { ...gate, name: 'max-cost', limit: 25, actual: 0.00004, result: 'pass' },
    'gate max-cost: pass ($0.000040 against at most $25.00)',
  ],
  [
    { ...gate, name: 'max-waste', limit: 0.4, actual: 0.632, result: 'fail' },
    'gate max-waste: fail (63.2 % against at most 40.0 %)',
  ],
] as const)('%o reads %s', (seen, text) => {
  expect(gateText(seen, report)).toBe(text);
});
