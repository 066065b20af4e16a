import { expect, it } from 'vitest';
import { coverageText, lengthText } from '../../src/render/coverage.ts';
import { aReport } from '../kit/a-report.ts';

const report = aReport();
const [machine] = report.machines;
const [run] = machine?.runs ?? [];
if (machine === undefined || run === undefined) throw new Error('the report has no run');

const at = (time: string) => `2026-11-22T${time}:00.000Z`;
const ran = (...spans: readonly (readonly [string, string])[]) => ({
  window: { ...report.window, start: at('00:00'), end: at('23:00') },
  machines: spans.map(([start, end]) => ({
    ...machine,
    runs: [{ ...run, start: at(start), end: at(end) }],
  })),
});

it.each([
  ['one run over all of it', ran(['00:00', '23:00']), '23 h'],
  [
    'two machines, one after the other',
    ran(['00:00', '00:20'], ['22:40', '23:00']),
    '23 h, of which 40 min were billed',
  ],
  ['two at the same time', ran(['00:00', '23:00'], ['00:00', '23:00']), '23 h'],
  [
    'two that overlap',
    ran(['00:00', '02:00'], ['01:00', '03:00']),
    '23 h, of which 3 h were billed',
  ],
])('%s', (_, seen, text) => {
  expect(lengthText(seen)).toBe(text);
});

it('coverage says what it is a share of', () => {
  expect(coverageText({ observedShare: 0.97 })).toBe('97 % of the billed time observed');
});
