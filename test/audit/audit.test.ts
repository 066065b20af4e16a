import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AuditOptions, audit } from '../../src/audit/audit.ts';
import { loadRateCards } from '../../src/rates/load.ts';
import type { Report } from '../../src/report/report.ts';
import { reportSchema } from '../../src/report/schema.ts';
import type { GpuIdentity } from '../../src/sample/columns.ts';
import type { HostIdentity } from '../../src/store/lines.ts';
import type { Recording } from '../../src/store/recording.ts';
import { auditOptions } from '../kit/audit-options.ts';
import { identityOf, type Reading, recordingOf, tenOClock } from '../kit/samples.ts';

const host: HostIdentity = {
  name: 'gpu-host',
  key: 'a1',
  cpus: 8,
  memoryMib: 65_536,
  bootedAt: null,
  container: false,
};
const cards = await loadRateCards();
const options = await auditOptions({ cards });

async function report(
  recordings: readonly Recording[],
  overrides: Partial<AuditOptions> = {},
): Promise<Report> {
  const { report: result, failedRules } = await audit(recordings, { ...options, ...overrides });
  expect(failedRules).toEqual([]);
  return reportSchema.parse(result);
}

function readings(fromMs: number, seconds: number, values: Omit<Reading, 'timeMs'>): Reading[] {
  return Array.from({ length: seconds }, (_, i) => ({
    timeMs: fromMs + 1_000 * (i + 1),
    ...values,
  }));
}

const busy = { utilizationGpuPct: 90, memoryUsedMib: 20_000 };
const hour = 3_600_000;

function session(
  gpus: ReadonlyMap<GpuIdentity, readonly Reading[]>,
  startedAt: number,
  endedAt: number,
): Recording {
  return recordingOf(gpus, { startedAt, endedAt, host });
}

const micros = (value: number) => Math.round(value * 1e6);
const milliseconds = (hours: number) => Math.round(hours * 3_600_000);

/** Everything that must hold of any report, whatever went in. */
function checkSums(r: Report): void {
  const parts = [
    r.gpuHours,
    ...r.machines.map((m) => m.gpuHours),
    ...r.gpus.map((g) => g.gpuHours),
  ];
  for (const h of parts) {
    const states = Object.values(h.byState).map(milliseconds);
    expect(states.reduce((a, b) => a + b, 0)).toBe(milliseconds(h.billed));
    const causes = Object.values(h.unobservedBy).map(milliseconds);
    expect(causes.reduce((a, b) => a + b, 0)).toBe(milliseconds(h.byState.unobserved));
    expect(Math.min(...states, ...causes)).toBeGreaterThanOrEqual(0);
    expect(h.effective.low).toBeLessThanOrEqual(h.effective.estimate);
    expect(h.effective.estimate).toBeLessThanOrEqual(h.effective.high);
    expect(h.effective.high).toBeLessThanOrEqual(h.busy);
  }
  for (const c of [r.cost, ...r.machines.map((m) => m.cost), ...r.gpus.map((g) => g.cost)]) {
    if (!c) continue;
    const states = Object.values(c.byState).map(micros);
    expect(states.reduce((a, b) => a + b, 0)).toBe(micros(c.billed));
    expect(Math.min(...states)).toBeGreaterThanOrEqual(0);
  }
  const perGpu = r.gpus.reduce((sum, g) => sum + milliseconds(g.gpuHours.billed), 0);
  const hidden = r.machines.reduce((sum, m) => sum + milliseconds(m.hiddenGpus.gpuHours), 0);
  expect(perGpu + hidden).toBe(milliseconds(r.gpuHours.billed));
  const perPeriod = r.periods.reduce((sum, p) => sum + milliseconds(p.gpuHours.billed), 0);
  expect(perPeriod).toBe(perGpu);
}

const stretch = fc.record({
  seconds: fc.integer({ min: 1, max: 400 }),
  gapSeconds: fc.constantFrom(0, 0, 0, 3, 4, 90),
  backSeconds: fc.constantFrom(0, 0, 0, 0, 45),
  utilizationGpuPct: fc.constantFrom(0, 0, 1, 4, 37, 98, 100, NaN),
  memoryUsedMib: fc.constantFrom(0, 20_000, NaN),
  powerDrawW: fc.constantFrom(72, 121, 480, 700, NaN),
});

const gpuReadings = fc.array(stretch, { minLength: 1, maxLength: 6 }).map((stretches) => {
  const result: Reading[] = [];
  let timeMs = tenOClock + 3_000_000;
  for (const s of stretches) {
    timeMs += 1_000 * (s.gapSeconds - s.backSeconds);
    for (let i = 0; i < s.seconds; i++) {
      timeMs += 1_000;
      const { utilizationGpuPct, memoryUsedMib, powerDrawW } = s;
      result.push({ timeMs, utilizationGpuPct, memoryUsedMib, powerDrawW, powerLimitW: 700 });
    }
  }
  return result;
});

const machines = fc.record({
  gpus: fc.array(gpuReadings, { minLength: 1, maxLength: 3 }),
  late: fc.integer({ min: 0, max: 700 }),
  type: fc.constantFrom(null, 'aws/p5.48xlarge', 'lambda/gpu_8x_h100_sxm5'),
});

function mapOf(gpus: readonly (readonly Reading[])[]): Map<GpuIdentity, readonly Reading[]> {
  return new Map(gpus.map((r, i) => [identityOf(`GPU-${i}`, { index: i }), r]));
}

describe('audit', () => {
  it('gives every billed millisecond and micro one place, for any recording', async () => {
    await fc.assert(
      fc.asyncProperty(machines, async ({ gpus, type }) => {
        checkSums(await report([recordingOf(mapOf(gpus), { host })], { machine: type }));
      }),
      { numRuns: 60 },
    );
  });

  it('counts overlapping sessions of one host once', async () => {
    await fc.assert(
      fc.asyncProperty(
        machines,
        fc.integer({ min: 1, max: 999 }),
        async ({ gpus, late }, shift) => {
          const ascending = gpus.map((r) =>
            r.filter(
              (x, i) => i === 0 || x.timeMs > Math.max(...r.slice(0, i).map((y) => y.timeMs)),
            ),
          );
          const first = mapOf(ascending);
          // A second recorder that began later and reads half a second beside the first.
          const second = mapOf(
            ascending.map((r) =>
              r
                .slice(Math.min(late, r.length - 1))
                .map((x) => ({ ...x, timeMs: x.timeMs + shift })),
            ),
          );
          const alone = await report([recordingOf(first, { host })]);
          const both = await report([
            recordingOf(first, { host }),
            recordingOf(second, { host, name: 'second' }),
          ]);
          checkSums(both);
          expect(both.machines).toHaveLength(1);
          const extra = milliseconds(both.gpuHours.billed) - milliseconds(alone.gpuHours.billed);
          // The second ends `shift` later; nothing else is billed more.
          expect(extra).toBeLessThanOrEqual(shift * gpus.length);
          expect(extra).toBeGreaterThanOrEqual(0);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('adds up over --since and --until, in time and money', async () => {
    await fc.assert(
      fc.asyncProperty(
        machines,
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        async ({ gpus }, share) => {
          const machine = 'aws/p5.48xlarge';
          const whole = await report([recordingOf(mapOf(gpus), { host })], { machine });
          const start = Date.parse(whole.window.start);
          const at = Math.round(start + share * (Date.parse(whole.window.end) - start));
          const before = await report([recordingOf(mapOf(gpus), { host })], {
            machine,
            untilMs: at,
          });
          const after = await report([recordingOf(mapOf(gpus), { host })], {
            machine,
            sinceMs: at,
          });
          for (const [state, hours] of Object.entries(whole.gpuHours.byState)) {
            const key = state as keyof typeof whole.gpuHours.byState;
            expect(
              milliseconds(before.gpuHours.byState[key]) +
                milliseconds(after.gpuHours.byState[key]),
              state,
            ).toBe(milliseconds(hours));
          }
          expect(micros(before.cost?.billed ?? NaN) + micros(after.cost?.billed ?? NaN)).toBe(
            micros(whole.cost?.billed ?? NaN),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('bills a GPU that appears late, or goes away, for the whole time that the machine was watched', async () => {
    const a = identityOf('GPU-a', { index: 0 });
    const b = identityOf('GPU-b', { index: 1 });
    const gpus = new Map([
      [a, readings(tenOClock, 3_600, busy)],
      [b, readings(tenOClock + 600_000, 1_200, busy)],
    ]);
    const r = await report([session(gpus, tenOClock, tenOClock + hour)]);
    expect(r.gpus[1]?.gpuHours.billed).toBe(1);
    expect(milliseconds(r.gpus[1]?.gpuHours.unobservedBy.beforeFirstSample ?? 0)).toBe(600_000);
    expect(milliseconds(r.gpus[1]?.gpuHours.unobservedBy.gap ?? 0)).toBe(1_800_000);
    checkSums(r);
  });

  it('does not bill the time between two sessions of one machine', async () => {
    const gpu = identityOf();
    const first = session(
      new Map([[gpu, readings(tenOClock, 600, busy)]]),
      tenOClock,
      tenOClock + 600_000,
    );
    const later = tenOClock + hour;
    const second = session(new Map([[gpu, readings(later, 600, busy)]]), later, later + 600_000);
    const r = await report([second, first]);
    expect(r.machines[0]?.runs).toHaveLength(2);
    expect(milliseconds(r.gpuHours.billed)).toBe(1_200_000);
    expect(milliseconds(r.gpuHours.byState.unobserved)).toBe(0);
    checkSums(r);
  });

  it('takes two sessions a moment apart for one run, whatever their launch times say', async () => {
    const launched = (at: number) => ({
      provider: 'aws',
      type: 'p5.48xlarge',
      region: null,
      purchase: null,
      detectedBy: 'metadata' as const,
      launchedAt: at,
    });
    const part = (fromMs: number, name: string) =>
      recordingOf(new Map([[identityOf(), readings(fromMs, 60, busy)]]), {
        name,
        startedAt: fromMs,
        endedAt: fromMs + 60_000,
        host,
        machine: launched(fromMs - 10_000),
      });
    const second = tenOClock + 62_000;
    const r = await report([part(tenOClock, 'one'), part(second, 'two')], {
      billedFrom: { from: 'launch' },
    });
    expect(r.machines[0]?.runs).toHaveLength(1);
    checkSums(r);
  });

  it('prices what it saw of a machine and what was hidden from it (RATECARD section 4, p5.48xlarge with 2 of 8 GPUs)', async () => {
    const work = { utilizationGpuPct: 80, memoryUsedMib: 20_000 };
    const nothing = { utilizationGpuPct: 0, memoryUsedMib: 0 };
    const gpus = new Map([
      [identityOf('GPU-a', { index: 0 }), readings(tenOClock, 3_600, work)],
      [identityOf('GPU-b', { index: 1 }), readings(tenOClock, 3_600, nothing)],
    ]);
    const r = await report([session(gpus, tenOClock, tenOClock + hour)], {
      machine: 'aws/p5.48xlarge',
    });
    // 55.04 for the hour; 6 of 8 GPUs hidden: 41.28; 80 % of one of 6.88: 5.504; 20 % of it and the other one: 8.256.
    expect(r.cost?.billed).toBe(55.04);
    expect(r.machines[0]?.hiddenGpus).toMatchObject({ count: 6, gpuHours: 6, cost: 41.28 });
    expect(r.cost?.byState.effective).toBe(5.504);
    expect(r.cost?.wasted.estimate).toBe(8.256);
    expect(r.cost?.wastedShare.estimate).toBeCloseTo(0.6, 9);
    expect(r.gpus.reduce((sum, g) => sum + micros(g.cost?.billed ?? 0), 0)).toBe(13_760_000);
    checkSums(r);
  });

  it('reports hours without a rate, and says what to pass', async () => {
    const r = await report([recordingOf(new Map([[identityOf(), readings(tenOClock, 60, busy)]]))]);
    expect(r.cost).toBeNull();
    expect(r.machines[0]?.rate).toBeNull();
    expect(r.warnings.find((w) => w.code === 'no-rate')?.message).toContain('--machine');
  });

  it('knows nothing of a GPU that never reports its utilization (MIG), and says so', async () => {
    const silent = { memoryUsedMib: 9_000, powerDrawW: 310, powerLimitW: 700 };
    const r = await report([
      recordingOf(
        new Map([[identityOf('GPU-a', { migMode: true }), readings(tenOClock, 600, silent)]]),
      ),
    ]);
    expect(milliseconds(r.gpuHours.unobservedBy.notReported)).toBe(600_000);
    expect(r.gpuHours.observed).toBe(0);
    expect(r.gpus[0]?.utilizationPct).toBeNull();
    expect(r.findings.filter((f) => f.rule !== 'coarse-sampling')).toEqual([]);
    checkSums(r);
  });

  it('is the same whatever the order of GPUs and sources', async () => {
    const a = identityOf('GPU-a', { index: 0 });
    const b = identityOf('GPU-b', { index: 1 });
    const work = readings(tenOClock, 900, { utilizationGpuPct: 40, memoryUsedMib: 20_000 });
    const idle = readings(tenOClock, 900, { utilizationGpuPct: 0, memoryUsedMib: 0 });
    const one = await report([
      recordingOf(
        new Map([
          [a, work],
          [b, idle],
        ]),
      ),
    ]);
    const two = await report([
      recordingOf(
        new Map([
          [b, idle],
          [a, work],
        ]),
      ),
    ]);
    const essence = (r: Report) =>
      r.findings.map((f) => [f.rule, f.fingerprint, f.severity, f.recoverable]);
    expect(essence(one).length).toBeGreaterThan(0);
    expect(essence(two)).toEqual(essence(one));
    expect(two.gpuHours).toEqual(one.gpuHours);
  });

  it('refuses a window in which nothing was recorded', async () => {
    const recording = recordingOf(new Map([[identityOf(), readings(tenOClock, 60, busy)]]));
    await expect(audit([recording], { ...options, sinceMs: tenOClock + hour })).rejects.toThrow(
      /nothing lies between/,
    );
    await expect(audit([recordingOf(new Map())], options)).rejects.toThrow(/no GPU readings/);
  });
});

describe('recordings that are not as they should be', () => {
  const log = (name: string, gpus: ReadonlyMap<GpuIdentity, readonly Reading[]>) =>
    recordingOf(gpus, { name, intervalMs: null });

  const twoGpus = (utilizationGpuPct: number) => {
    const gpu = (index: number) => identityOf(`gpu.csv#${index}`, { uuid: null, index });
    const work = { ...busy, utilizationGpuPct };
    return new Map([
      [gpu(0), readings(tenOClock, 600, work)],
      [gpu(1), readings(tenOClock, 600, work)],
    ]);
  };

  it('keeps apart the GPUs of two logs with one name and no UUIDs', async () => {
    const r = await report([log('gpu.csv', twoGpus(90)), log('gpu.csv', twoGpus(80))]);
    expect(r.gpus.map((g) => [g.machine, g.id])).toEqual([
      ['m1', 'g1'],
      ['m1', 'g2'],
      ['m2', 'g3'],
      ['m2', 'g4'],
    ]);
    expect(new Set(r.periods.map((p) => p.gpu)).size).toBe(4);
  });

  it('refuses one log given twice, where no UUID tells that it is one', async () => {
    const twice = [log('gpu.csv', twoGpus(90)), log('copy.csv.gz', twoGpus(90))];
    await expect(audit(twice, options)).rejects.toThrow(
      'gpu.csv and copy.csv.gz begin with the same readings',
    );
  });

  it('refuses a purchase that the machine is not sold by', async () => {
    const machine = { machine: 'aws/p5.48xlarge', purchase: 'spt' };
    await expect(audit([log('gpu.csv', twoGpus(90))], { ...options, ...machine })).rejects.toThrow(
      /no spt price/,
    );
  });

  it('takes the pace that the driver keeps, where it is slower than was asked for', async () => {
    const slow = Array.from({ length: 300 }, (_, i) => ({
      timeMs: tenOClock + 6_000 * (i + 1),
      ...busy,
    }));
    const r = await report([
      recordingOf(new Map([[identityOf(), slow]]), { startedAt: tenOClock }),
    ]);
    expect(milliseconds(r.gpuHours.byState.unobserved)).toBeLessThanOrEqual(6_000);
  });

  it('begins a log with the first row of any GPU', async () => {
    const late = readings(tenOClock + 1_800_000, 1_800, busy);
    const gpus = new Map([
      [identityOf('GPU-a', { index: 0 }), late],
      [identityOf('GPU-b', { index: 1 }), readings(tenOClock, 3_600, busy)],
    ]);
    const r = await report([log('sorted.csv', gpus)]);
    expect(milliseconds(r.gpuHours.billed)).toBe(2 * 3_600_000);
    expect(milliseconds(r.gpuHours.observed)).toBe(3_600_000 + 1_800_000);
    checkSums(r);
  });

  it('bills two logs of one GPU with an hour between them for what they hold', async () => {
    const gpu = identityOf();
    const r = await report([
      log('one.csv', new Map([[gpu, readings(tenOClock, 300, busy)]])),
      log('two.csv', new Map([[gpu, readings(tenOClock + 600_000, 300, busy)]])),
    ]);
    expect(milliseconds(r.gpuHours.billed)).toBe(600_000);
    checkSums(r);
  });

  it('calls a stretch on a display card held only as far as its accounts do', async () => {
    const card = identityOf('GPU-a', { name: 'NVIDIA GeForce RTX 3090', displayActive: true });
    const desk = { utilizationGpuPct: 0, memoryUsedMib: 400 };
    const gpus = new Map([
      [
        card,
        [
          ...readings(tenOClock, 60, { utilizationGpuPct: 90, memoryUsedMib: 300 }),
          ...readings(tenOClock + 60_000, 3_600, desk),
          ...readings(tenOClock + 3_660_000, 1, { ...desk, memoryUsedMib: 700 }),
          ...readings(tenOClock + 3_661_000, 3_600, desk),
        ],
      ],
    ]);
    const r = await report([recordingOf(gpus)]);
    const held = r.findings.find((f) => f.rule === 'idle-held');
    expect(held?.recoverable.gpuHours ?? 0).toBeLessThanOrEqual(r.gpuHours.byState.heldIdle);
    expect(r.findings.map((f) => f.rule)).toContain('idle-empty');
  });
});

describe('several machines in one report', () => {
  const lambda = {
    provider: 'lambda',
    type: 'gpu_8x_h100_sxm5',
    region: null,
    purchase: null,
    detectedBy: 'config' as const,
    launchedAt: null,
  };
  const aws = { ...lambda, provider: 'aws', type: 'p5.48xlarge' };
  const unknown = { ...lambda, provider: null, type: null, detectedBy: 'none' as const };
  const on = (key: string, machine: typeof lambda | typeof unknown) =>
    recordingOf(new Map([[identityOf(`GPU-${key}`), readings(tenOClock, 3_600, busy)]]), {
      startedAt: tenOClock,
      endedAt: tenOClock + hour,
      host: { ...host, key, name: key },
      machine,
    });

  it('prices each by its own rate, and adds up what has one currency', async () => {
    const r = await report([on('a', aws), on('b', lambda)]);
    // One hour of each: 55.04, and 8 × 3.99 = 31.92.
    expect(r.machines.map((m) => [m.host, m.cost?.billed])).toEqual([
      ['a', 55.04],
      ['b', 31.92],
    ]);
    expect(r.cost?.billed).toBe(86.96);
    checkSums(r);
  });

  it('adds no money where one machine has no rate; hours are still added', async () => {
    const r = await report([on('a', aws), on('b', unknown)]);
    expect(r.cost).toBeNull();
    expect(r.machines[0]?.cost?.billed).toBe(55.04);
    expect(r.machines[1]?.cost).toBeNull();
    expect(r.gpuHours.billed).toBe(8 + 1);
    checkSums(r);
  });

  it('never adds two currencies, unless a dated rate of exchange makes them one', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'gpucost-')), 'acme.yaml');
    writeFileSync(
      path,
      `schema: gpucost.rates/1
provider: acme
currency: EUR
sources: { books: { note: synthetic, read: 2026-07-01 } }
machines:
  rack:
    gpus: 1
    prices:
      - { purchase: own, region: any, per_hour: 2.5, as_of: 2026-07-01, source: books, confidence: high }
`,
    );
    const cardsWithAcme = await loadRateCards([path]);
    const acme = { ...lambda, provider: 'acme', type: 'rack' };
    const two = await report([on('a', aws), on('b', acme)], { cards: cardsWithAcme });
    expect(two.cost).toBeNull();
    expect(two.machines.map((m) => [m.cost?.currency, m.cost?.billed])).toEqual([
      ['USD', 55.04],
      ['EUR', 2.5],
    ]);
    const exchange = [{ from: 'USD', to: 'EUR', rate: '0.9', asOf: '2026-07-01', source: 'test' }];
    const one = await report([on('a', aws), on('b', acme)], { cards: cardsWithAcme, exchange });
    // 55.04 × 0.9 + 2.5
    expect(one.cost).toMatchObject({ currency: 'EUR', billed: 52.036 });
  });
});
