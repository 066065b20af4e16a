import type { Report, ReportCost, ReportGpu, ReportGpuHours } from '../../src/report/report.ts';

type States = ReportGpuHours['byState'];

const none: States = {
  effective: 0,
  underfilled: 0,
  throttled: 0,
  waiting: 0,
  heldIdle: 0,
  emptyIdle: 0,
  unobserved: 0,
  rounding: 0,
};

/** GPU-hours that are consistent in themselves, from their states; the band is ±10 % of effective. */
export function someHours(
  given: Partial<States>,
  basis: ReportGpuHours['effective']['basis'] = 'power',
): ReportGpuHours {
  const byState = { ...none, ...given };
  const busy = byState.effective + byState.underfilled + byState.throttled;
  const billed = Object.values(byState).reduce((sum, hours) => sum + hours, 0);
  const observed = billed - byState.unobserved - byState.rounding;
  const effective =
    basis === 'utilization'
      ? { estimate: busy, low: 0, high: busy, basis }
      : {
          estimate: byState.effective,
          low: byState.effective * 0.9,
          high: Math.min(busy, byState.effective * 1.1),
          basis,
        };
  return {
    billed,
    observed,
    busy,
    effective,
    wasted: {
      estimate: observed - effective.estimate,
      low: observed - effective.high,
      high: observed - effective.low,
    },
    byState,
    unobservedBy: {
      beforeFirstSample: 0,
      gap: byState.unobserved,
      hiddenGpus: 0,
      driver: 0,
      notReported: 0,
      machineOff: 0,
    },
  };
}

/** What those hours cost at a price per GPU-hour. */
export function someCost(hours: ReportGpuHours, perGpuHour: number, currency = 'USD'): ReportCost {
  const share = (part: number): number | null =>
    hours.observed === 0 ? null : part / hours.observed;
  const { wasted, byState } = hours;
  return {
    currency,
    billed: hours.billed * perGpuHour,
    wasted: {
      estimate: wasted.estimate * perGpuHour,
      low: wasted.low * perGpuHour,
      high: wasted.high * perGpuHour,
    },
    wastedShare: {
      estimate: share(wasted.estimate),
      low: share(wasted.low),
      high: share(wasted.high),
    },
    byState: {
      effective: byState.effective * perGpuHour,
      underfilled: byState.underfilled * perGpuHour,
      throttled: byState.throttled * perGpuHour,
      waiting: byState.waiting * perGpuHour,
      heldIdle: byState.heldIdle * perGpuHour,
      emptyIdle: byState.emptyIdle * perGpuHour,
      unobserved: byState.unobserved * perGpuHour,
      rounding: byState.rounding * perGpuHour,
    },
  };
}

/** Eight H100s for eight hours: half trains, half is held by a notebook. */
export function aReport(change: Partial<Report> = {}): Report {
  const perGpuHour = 6.88;
  const training = someHours({
    effective: 5.1237,
    underfilled: 1.0713,
    throttled: 0.105,
    waiting: 1.4,
    unobserved: 0.3,
  });
  const held = someHours({ heldIdle: 6.4, emptyIdle: 1.3, unobserved: 0.3 });
  const gpus = [0, 1, 2, 3, 4, 5, 6, 7].map((index): ReportGpu => {
    const gpuHours = index < 4 ? training : held;
    return {
      id: `g${index + 1}`,
      machine: 'm1',
      index,
      uuid: `GPU-0000000${index}-0000-4000-8000-000000000000`,
      name: 'NVIDIA H100 80GB HBM3',
      memoryTotalMib: 81_559,
      powerLimitW: 700,
      gpuHours,
      cost: someCost(gpuHours, perGpuHour),
      utilizationPct:
        index < 4 ? { mean: 78.2, p5: 2, p50: 91, p95: 100 } : { mean: 0, p5: 0, p50: 0, p95: 0 },
      memoryUsedMib: index < 4 ? { mean: 61_000, max: 74_210 } : { mean: 41_000, max: 41_230 },
      powerW: index < 4 ? { mean: 512.4, max: 701 } : { mean: 118.1, max: 131 },
    };
  });
  const total = someHours({
    effective: 4 * 5.1237,
    underfilled: 4 * 1.0713,
    throttled: 4 * 0.105,
    waiting: 4 * 1.4,
    heldIdle: 4 * 6.4,
    emptyIdle: 4 * 1.3,
    unobserved: 8 * 0.3,
  });
  return {
    schema: 'gpucost.report/1',
    tool: { name: 'gpucost', version: '0.1.0' },
    generatedAt: '2026-11-23T09:00:00.000Z',
    sources: [
      { kind: 'session', name: '20261122T080000Z-gpu-node-17', machine: 'm1', samples: 230_400 },
    ],
    window: {
      start: '2026-11-22T08:00:00.000Z',
      end: '2026-11-22T16:00:00.000Z',
      observedShare: 0.9625,
      intervalMs: 1000,
    },
    machines: [
      {
        id: 'm1',
        host: 'gpu-node-17',
        provider: 'aws',
        type: 'p5.48xlarge',
        region: 'us-east-1',
        purchase: 'on-demand',
        detectedBy: 'dmi',
        gpuCount: 8,
        gpuShare: null,
        bills: 'machine',
        runs: [
          {
            start: '2026-11-22T08:00:00.000Z',
            end: '2026-11-22T16:00:00.000Z',
            startedBy: 'start',
            billedSeconds: 28_800,
          },
        ],
        rate: {
          currency: 'USD',
          perHour: 55.04,
          perGpuHour,
          parts: [
            {
              name: 'machine',
              quantity: 1,
              unit: 'machine',
              perUnitHour: 55.04,
              asOf: '2026-07-20',
              source: 'karpenter',
              confidence: 'high',
            },
          ],
        },
        hiddenGpus: { count: 0, gpuHours: 0, cost: 0 },
        gpuHours: total,
        cost: someCost(total, perGpuHour),
      },
    ],
    gpuHours: total,
    cost: someCost(total, perGpuHour),
    gpus,
    groups: null,
    periods: gpus.map((gpu) => ({
      start: '2026-11-22T08:00:00.000Z',
      end: '2026-11-22T16:00:00.000Z',
      gpu: gpu.id,
      gpuHours: gpu.gpuHours,
      cost: gpu.cost,
    })),
    findings: [
      {
        rule: 'idle-held',
        fingerprint: 'a1b2c3d4e5f6',
        severity: 'critical',
        confidence: 0.95,
        gpus: ['g5', 'g6', 'g7', 'g8'],
        title: 'GPU memory is held, but nothing runs',
        summary: 'The GPUs sat idle while a process kept their memory.',
        evidence: [
          {
            signal: 'longest idle stretch',
            value: 23_040_000,
            unit: 'ms',
            threshold: 840_000,
            comparison: '>=',
          },
          { signal: 'memory held', value: 41_230, unit: 'MiB', threshold: 256, comparison: '>=' },
        ],
        intervals: [{ start: '2026-11-22T09:36:00.000Z', end: '2026-11-22T16:00:00.000Z' }],
        recoverable: {
          gpuHours: 25.6,
          cost: 176.128,
          perDay: { gpuHours: 76.8, cost: 528.384 },
        },
        remediation: [
          {
            action: 'Stop the process, or the machine if this was its last job.',
            detail: 'The machine is billed by the clock.',
          },
        ],
      },
      {
        rule: 'undetermined-wait',
        fingerprint: 'b2c3d4e5f6a7',
        severity: 'warning',
        confidence: 0.7,
        gpus: ['g1', 'g2', 'g3', 'g4'],
        title: 'The GPU waits, and what it waits for is not known',
        summary:
          'Kernels ran in 82 % of the steady part of the job; the host signals that would name the cause are missing.',
        evidence: [
          { signal: 'mean utilization', value: 78.2, unit: '%', threshold: 80, comparison: '<=' },
          {
            signal: 'steady part',
            value: 24_300_000,
            unit: 'ms',
            threshold: 60_000,
            comparison: '>=',
          },
        ],
        intervals: [{ start: '2026-11-22T08:04:00.000Z', end: '2026-11-22T15:40:00.000Z' }],
        recoverable: { gpuHours: 5.6, cost: 38.528 },
        remediation: [
          {
            action: 'Record host signals: run gpucost watch on the host itself.',
            detail: 'In a container /proc shows only what is inside it.',
          },
        ],
      },
    ],
    recoverable: {
      findings: ['a1b2c3d4e5f6', 'b2c3d4e5f6a7'],
      gpuHours: 31.2,
      cost: 214.656,
      currency: 'USD',
    },
    notJudged: [
      { rule: 'io-bound', gpus: ['g1', 'g2', 'g3', 'g4'], reason: 'host signals are missing' },
      {
        rule: 'undersized-batch',
        gpus: ['g1', 'g2', 'g3', 'g4'],
        reason: 'host signals are missing',
      },
    ],
    gates: [],
    warnings: [
      {
        code: 'stale-price',
        message:
          'The price of aws/p5.48xlarge is 126 days old: check it, or pass --rates with a newer one.',
      },
    ],
    ...change,
  };
}
