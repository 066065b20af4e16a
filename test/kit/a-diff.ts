import { compareReports } from '../../src/diff/compare.ts';
import type { Diff } from '../../src/diff/verdict.ts';
import type { Report } from '../../src/report/report.ts';
import { aReport, someCost, someHours } from './a-report.ts';

/** A report that knows its noise and its steps: made up. */
export function aCountedReport(secondsPer: number, change: Partial<Report> = {}): Report {
  const band = (estimate: number) => ({
    estimate,
    low: estimate / 1.01,
    high: estimate / 0.99,
  });
  const error = 0.004;
  const counted = {
    unit: 'step',
    label: '',
    count: 28_800 / secondsPer,
    secondsPer: band(secondsPer),
    gpuHoursPer: band((8 * secondsPer) / 3600),
    costPer: band((55.04 * secondsPer) / 3600),
  } as const;
  return aReport({
    noise: {
      byState: {
        effective: error,
        underfilled: error,
        throttled: 0,
        waiting: error,
        heldIdle: error,
        emptyIdle: error,
      },
      wasted: error,
    },
    work: {
      ...counted,
      start: '2026-11-22T08:00:00.000Z',
      end: '2026-11-22T16:00:00.000Z',
      billedGpuHoursPer: (8 * secondsPer) / 3600,
      billedCostPer: (55.04 * secondsPer) / 3600,
      counters: [],
      projected: null,
    },
    ...change,
  });
}

/** The same machine a day later: steps take 12 % longer, more of the time is waited, the notebook was closed. */
export function aSlowerReport(): Report {
  const hours = someHours({
    effective: 18,
    underfilled: 3.6,
    throttled: 0.42,
    waiting: 14.8,
    emptyIdle: 24.78,
    unobserved: 2.4,
  });
  const base = aCountedReport(0.56);
  return {
    ...base,
    window: {
      ...base.window,
      start: '2026-11-23T08:00:00.000Z',
      end: '2026-11-23T16:00:00.000Z',
    },
    gpuHours: hours,
    cost: someCost(hours, 6.88),
    findings: base.findings
      .filter(({ rule }) => rule !== 'idle-held')
      .map((finding) => ({ ...finding, recoverable: { gpuHours: 14.8, cost: 14.8 * 6.88 } })),
  };
}

export function aDiff(limit: number | null = 0.05): Diff {
  return compareReports(
    { name: 'before.json', report: aCountedReport(0.5) },
    { name: 'after.json', report: aSlowerReport() },
    { limit, version: '0.0.0', nowMs: Date.UTC(2026, 10, 23, 17) },
  );
}
