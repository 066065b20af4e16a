import { describe, expect, it } from 'vitest';
import { compareReports, isSilent } from '../../src/diff/compare.ts';
import { readReport } from '../../src/diff/read-report.ts';
import type { Report } from '../../src/report/report.ts';
import { aCountedReport, aDiff, aSlowerReport } from '../kit/a-diff.ts';
import { aReport } from '../kit/a-report.ts';

function diffOf(before: Report, after: Report, limit: number | null = null) {
  const options = { limit, version: '0.0.0', nowMs: 0 };
  return compareReports({ name: 'a', report: before }, { name: 'b', report: after }, options);
}

it('of a report and itself nothing speaks', () => {
  const diff = diffOf(aCountedReport(0.5), aCountedReport(0.5), 0.1);
  expect(isSilent(diff)).toBe(true);
  expect(diff).toMatchObject({ verdict: 'same', gate: { result: 'pass' } });
});

it('a step that costs 12 % more is told, and which findings are fixed and worse', () => {
  const diff = aDiff();
  expect(diff.verdict).toBe('worse');
  expect(diff.work[0]?.costPer?.change).toBeCloseTo(0.12);
  expect(diff.findings.map(({ rule, status }) => [rule, status])).toEqual([
    ['undetermined-wait', 'worse'],
    ['idle-held', 'fixed'],
  ]);
});

describe('the gate', () => {
  const step = (seconds: number, limit: number) =>
    diffOf(aCountedReport(0.5), aCountedReport(seconds), limit).gate;

  it.each([
    [0.56, 0.05, 'fail'],
    [0.56, 0.12, 'not-judged'],
    [0.56, 0.2, 'pass'],
    [0.5, 0.1, 'pass'],
    [0.3, 0.1, 'pass'],
  ])('a step of %d s after 0.5 s, limit %d: %s', (seconds, limit, result) => {
    expect(step(seconds, limit)).toMatchObject({ by: 'work', result });
  });

  it('is not judged where a run is too short to know its noise', () => {
    const diff = diffOf(aReport({ noise: null }), aReport({ noise: null }), 0.1);
    expect(diff.gate).toMatchObject({ by: 'effective-hour', result: 'not-judged' });
    expect(diff.gate?.reason).toContain('too short');
  });

  it('does not call a run too short that is uneven', () => {
    const base = aReport();
    const one = 0.5;
    const byState = {
      effective: one,
      underfilled: one,
      throttled: one,
      waiting: one,
      heldIdle: one,
      emptyIdle: one,
    };
    const uneven = aReport({ ...base, noise: { byState, wasted: one } });
    const diff = diffOf(uneven, uneven, 0.1);
    expect(diff.gate).toMatchObject({ by: 'effective-hour', result: 'not-judged' });
    expect(diff.gate?.reason).toContain('uneven');
  });
});

describe('what can’t be compared', () => {
  const slower = aSlowerReport();

  it('another currency: GPU time of a step instead of money', () => {
    const { cost } = slower;
    const diff = diffOf(aCountedReport(0.5), {
      ...slower,
      cost: cost && { ...cost, currency: 'EUR' },
    });
    expect(diff.work[0]).toMatchObject({ costPer: null, verdict: 'worse' });
    expect(diff.notCompared).toContain('money: USD before, EUR after');
  });

  it('another price is named, as it is in the money', () => {
    const cheap = slower.cost && { ...slower.cost, billed: slower.cost.billed / 2 };
    expect(diffOf(aCountedReport(0.5), { ...slower, cost: cheap }).notCompared.join()).toContain(
      'the price of a GPU-hour differs',
    );
  });

  it('another GPU: its effective hour is not the same, its waiting time is a share like any', () => {
    const gpus = slower.gpus.map((gpu) => ({ ...gpu, name: 'NVIDIA L4' }));
    const diff = diffOf(aCountedReport(0.5), { ...slower, gpus });
    expect(diff.effectiveHour).toBeNull();
    expect(diff.states[0]).toMatchObject({ state: 'effective', verdict: 'unknown' });
    expect(diff.states.find(({ state }) => state === 'waiting')?.verdict).toBe('worse');
  });

  it('steps against epochs', () => {
    const { work } = slower;
    const diff = diffOf(aCountedReport(0.5), {
      ...slower,
      work: work && { ...work, unit: 'epoch' },
    });
    expect(diff.work).toEqual([]);
    expect(diff.notCompared).toContain('work: one counted "step", the other "epoch"');
  });
});

describe('a finding on one side only is unclear', () => {
  const before = aCountedReport(0.5);
  const without = { ...before, findings: before.findings.slice(1) };

  it('where no share of time changed: it lies at a threshold', () => {
    const diff = diffOf(before, without);
    expect(diff.findings.at(-1)).toMatchObject({ rule: 'idle-held', status: 'unclear' });
    expect(isSilent(diff)).toBe(true);
  });

  it('where the other run could not be judged', () => {
    const notJudged = [{ rule: 'idle-held', gpus: ['g1'], reason: 'no memory readings' }];
    const found = diffOf(before, { ...aSlowerReport(), notJudged }).findings.at(-1);
    expect(found).toMatchObject({
      status: 'unclear',
      reason: 'the other run could not be judged: no memory readings',
    });
  });
});

describe('reading', () => {
  it('a report of an older version without the optional keys', () => {
    const { work: _work, noise: _noise, timeline: _timeline, ...old } = aReport();
    expect(readReport(JSON.parse(JSON.stringify(old)))).toHaveProperty('report');
  });

  it('refuses another schema and says which', () => {
    expect(readReport({ schema: 'gpucost.report/2' })).toEqual({
      problem: 'expected the schema "gpucost.report/1", found "gpucost.report/2"',
    });
    expect(readReport([])).toEqual({
      problem: 'expected the schema "gpucost.report/1", found no schema',
    });
    expect(readReport({ ...aReport(), gpuHours: 3 })).toHaveProperty('problem');
  });
});
