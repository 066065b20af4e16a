import { expect, it } from 'vitest';
import { workRows } from '../../src/render/work.ts';
import type { Report } from '../../src/report/report.ts';
import { aFullReport } from '../kit/full-report.ts';

const band = (estimate: number) => ({ estimate, low: null, high: null });

function wholeRun(ended: boolean): string | undefined {
  const report = aFullReport();
  const { work } = report;
  if (work == null) throw new Error('the report has no work');
  const projected = {
    unit: 'step' as const,
    count: 30,
    total: 100,
    ended,
    end: '2026-11-22T18:00:00.000Z',
    gpuHours: band(2),
    cost: band(12),
  };
  const withIt: Report = { ...report, work: { ...work, projected } };
  return workRows(withIt, '-').find(({ label }) => label === 'whole run')?.text;
}

it('a run that goes on is told its end', () => {
  expect(wholeRun(false)).toBe('$12.00 at this pace: step 30 of 100, done 2026-11-22 18:00 UTC');
});

it('a run that ended before its total is told so, and no time at which it would be done', () => {
  expect(wholeRun(true)).toBe(
    'ended at step 30 of 100; all of them would have been $12.00 at this pace',
  );
});
