import { describe, expect, it } from 'vitest';
import { gateEvidence, noiseOf } from '../../src/report/gate-evidence.ts';
import { type GateLimits, judgeGates } from '../../src/report/gates.ts';
import type { Report } from '../../src/report/report.ts';
import { aReport, someCost, someHours } from '../kit/a-report.ts';

const none: GateLimits = {
  maxWaste: null,
  minEffective: null,
  maxCost: null,
  failOn: [],
  strict: false,
  evidence: gateEvidence,
};

const error = <T>(limit: T) => ({ limit, level: 'error' as const });

/** One GPU that was observed for some hours: a part works, a part is held idle, a part was not seen. */
function oneGpu(states: Parameters<typeof someHours>[0], change: Partial<Report> = {}): Report {
  const base = aReport();
  const gpuHours = someHours(states);
  const ratio = gpuHours.billed === 0 ? 0 : gpuHours.observed / gpuHours.billed;
  return {
    ...base,
    gpuHours,
    cost: null,
    gpus: base.gpus.slice(0, 1),
    findings: [],
    notJudged: [],
    window: { ...base.window, observedShare: ratio, intervalMs: 1000 },
    ...change,
  };
}

const resultOf = (report: Report, limits: Partial<GateLimits>) =>
  judgeGates(report, { ...none, ...limits }).map(({ result }) => result)[0];

describe('shares', () => {
  // 6 h of effective time with a band of ± 10 %, bounded by what was busy: waste is 4 h beyond doubt.
  const report = oneGpu({ effective: 6, heldIdle: 4 });

  it('compare what is beyond doubt', () => {
    expect(judgeGates(report, { ...none, maxWaste: error(0.5), minEffective: error(0.5) })).toEqual(
      [
        {
          name: 'max-waste',
          limit: 0.5,
          actual: 0.4,
          result: 'pass',
          level: 'error',
          reason: null,
        },
        {
          name: 'min-effective',
          limit: 0.5,
          actual: 0.6,
          result: 'pass',
          level: 'error',
          reason: null,
        },
      ],
    );
    expect(resultOf(report, { maxWaste: error(0.3) })).toBe('fail');
    expect(resultOf(report, { minEffective: error(0.7) })).toBe('fail');
  });

  it('go by money where there is money', () => {
    const cost = someCost(report.gpuHours, 2);
    const dear = { ...cost, wastedShare: { estimate: 0.9, low: 0.8, high: 0.95 } };
    expect(resultOf({ ...report, cost: dear }, { maxWaste: error(0.5) })).toBe('fail');
  });

  it('a limit of level warn is never a failure', () => {
    expect(resultOf(report, { maxWaste: { limit: 0.3, level: 'warn' } })).toBe('warn');
    expect(resultOf(report, { maxWaste: { limit: 0.3, level: 'warn' }, strict: true })).toBe(
      'warn',
    );
  });

  it('without any waste, no waste is allowed', () => {
    expect(resultOf(oneGpu({ effective: 6 }), { maxWaste: error(0) })).toBe('pass');
    expect(resultOf(oneGpu({ emptyIdle: 6 }), { maxWaste: error(1) })).toBe('pass');
  });
});

describe('evidence', () => {
  it('coverage: judged at a half, not just below', () => {
    const limits = { maxWaste: error(0.9) };
    expect(resultOf(oneGpu({ effective: 2, heldIdle: 3, unobserved: 5 }), limits)).toBe('pass');
    const less = oneGpu({ effective: 2, heldIdle: 3, unobserved: 5.001 });
    const [gate] = judgeGates(less, { ...none, ...limits });
    expect(gate).toMatchObject({ result: 'not-judged', level: 'error' });
    expect(gate?.reason).toBe('49.9 % of the billed time was observed, a verdict needs 50 %');
  });

  it('duration: judged at 300 s a GPU, not just below', () => {
    const limits = { maxWaste: error(0.9) };
    const of = (seconds: number) => oneGpu({ effective: seconds / 7200, heldIdle: seconds / 7200 });
    expect(resultOf(of(300), limits)).toBe('pass');
    expect(resultOf(of(299), limits)).toBe('not-judged');
    const [gate] = judgeGates(of(299), { ...none, ...limits });
    expect(gate?.reason).toBe('a GPU was observed for 299 s, a verdict needs 300 s');
    const twice = of(300);
    expect(resultOf({ ...twice, gpus: [...twice.gpus, ...twice.gpus] }, limits)).toBe('not-judged');
  });

  it('noise: by hand for one hour in samples of 10 s, and none where all or nothing was wasted', () => {
    const report = oneGpu({ effective: 0.5, heldIdle: 0.5 });
    const coarse = { ...report, window: { ...report.window, intervalMs: 10_000 } };
    const expected = 2 * Math.sqrt((0.25 * (1 - 1 / 60)) / 360) + 10 / 3600;
    expect(noiseOf(0.5, coarse, 2)).toBeCloseTo(expected, 12);
    expect(noiseOf(0, coarse, 2)).toBe(0);
    expect(noiseOf(1, coarse, 2)).toBe(0);
  });

  it('noise: a limit inside it is not judged, one just outside is', () => {
    const report = oneGpu({ effective: 0.5, heldIdle: 0.5 });
    const noise = noiseOf(0.5, report, gateEvidence.standardErrors);
    const actual = judgeGates(report, { ...none, maxWaste: error(0.9) })[0]?.actual;
    expect(actual).toBeCloseTo(0.5, 9);
    for (const side of [-1, 1]) {
      expect(resultOf(report, { maxWaste: error(0.5 + side * noise * 0.99) })).toBe('not-judged');
      expect(resultOf(report, { minEffective: error(0.5 + side * noise * 0.99) })).toBe(
        'not-judged',
      );
    }
    expect(resultOf(report, { maxWaste: error(0.5 + noise * 1.01) })).toBe('pass');
    expect(resultOf(report, { maxWaste: error(0.5 - noise * 1.01) })).toBe('fail');
  });

  it('strict: what is not judged fails, with the reason', () => {
    const [gate] = judgeGates(oneGpu({ heldIdle: 0.01 }), {
      ...none,
      maxWaste: error(0.5),
      strict: true,
    });
    expect(gate?.result).toBe('fail');
    expect(gate?.reason).toContain('not judged, and strict: a GPU was observed for 36 s');
  });

  it('nothing observed is not judged', () => {
    const report = oneGpu({ unobserved: 8 });
    expect(resultOf(report, { maxWaste: error(0.5) })).toBe('not-judged');
    expect(resultOf(report, { minEffective: error(0.5) })).toBe('not-judged');
    expect(resultOf(report, { failOn: [error('critical')] })).toBe('not-judged');
  });
});

it('what is billed needs no evidence: it goes by the clock', () => {
  const report = oneGpu({ unobserved: 0.01 });
  const cost = someCost(report.gpuHours, 100);
  expect(resultOf({ ...report, cost }, { maxCost: error(1) })).toBe('pass');
  expect(resultOf({ ...report, cost }, { maxCost: error(0.99) })).toBe('fail');
});

describe('findings', () => {
  const [finding] = aReport().findings.filter(({ rule }) => rule === 'idle-held');
  const hour = { effective: 0.5, heldIdle: 0.5 };
  const found = oneGpu(hour, { findings: finding === undefined ? [] : [finding] });
  const skipped = (reason: string) =>
    oneGpu(hour, { notJudged: [{ rule: 'idle-held', gpus: ['g1'], reason }] });

  it.each([
    ['a severity that was reached', found, 'critical', 'fail'],
    ['a lower severity', found, 'info', 'fail'],
    ['a rule', found, 'idle-held', 'fail'],
    ['another rule', found, 'io-bound', 'pass'],
    ['none', oneGpu(hour), 'info', 'pass'],
    ['a rule that could not judge', skipped('host signals are missing'), 'idle-held', 'not-judged'],
    ['an accepted one', skipped('suppressed until 2999-01-01: demo'), 'idle-held', 'pass'],
    ['none in too short a run', oneGpu({ effective: 0.05 }), 'critical', 'not-judged'],
  ] as const)('%s', (_name, report, wanted, expected) => {
    expect(resultOf(report, { failOn: [error(wanted)] })).toBe(expected);
  });

  it('one in a short run counts all the same: rules have their own evidence', () => {
    const short = oneGpu({ heldIdle: 0.05 }, { findings: found.findings });
    expect(resultOf(short, { failOn: [error('critical')] })).toBe('fail');
  });
});
