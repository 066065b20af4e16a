import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type AuditOptions, audit } from '../../src/audit/audit.ts';
import { LiveUsage } from '../../src/audit/live-usage.ts';
import { loadRateCards } from '../../src/rates/load.ts';
import { reportSchema } from '../../src/report/schema.ts';
import type { HeaderLine, HostIdentity, MachineFacts } from '../../src/store/lines.ts';
import { auditOptions } from '../kit/audit-options.ts';
import { identityOf, recordingOf } from '../kit/samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'gpucost-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A customer's card: 6.88 an hour until the end of 2025, 5.00 from then on; of `later` no figure is known then. */
const path = join(folder, 'acme.yaml');
writeFileSync(
  path,
  `schema: gpucost.rates/1
provider: acme
currency: USD
billing: { increment: 1h }
sources: { contract: { note: synthetic, read: 2025-12-01 } }
defaults: { region: any, purchase: on-demand, as_of: 2025-12-01, source: contract, confidence: high }
machines:
  node:
    gpus: 2
    prices:
      - { per_hour: 6.88, valid: { until: 2026-01-01 } }
      - { per_hour: 5.00, valid: { from: 2026-01-01 } }
  later:
    gpus: 2
    prices:
      - { per_hour: 6.88, valid: { until: 2026-01-01 } }
      - { per_hour: null, valid: { from: 2026-01-01 } }
`,
);

const newYear = Date.UTC(2026, 0, 1);
const startMs = newYear - 30 * 60_000;
const endMs = newYear + 75 * 60_000;

const host: HostIdentity = {
  name: 'gpu-host',
  key: 'a1',
  cpus: 8,
  memoryMib: 65_536,
  bootedAt: null,
  container: false,
};
const machine: MachineFacts = {
  provider: 'acme',
  type: 'node',
  region: null,
  purchase: null,
  detectedBy: 'config',
  launchedAt: startMs,
};

const options = await auditOptions({ nowMs: endMs, cards: await loadRateCards([path]) });

/** One of the machine's two GPUs, held and idle from 23:30 to 01:15. */
const readings = Array.from({ length: (endMs - startMs) / 5_000 }, (_, i) => ({
  timeMs: startMs + 5_000 * (i + 1),
  utilizationGpuPct: 0,
  memoryUsedMib: 20_000,
}));

async function audited(more: Partial<AuditOptions> = {}) {
  const recording = recordingOf(new Map([[identityOf(), readings]]), {
    startedAt: startMs,
    endedAt: endMs,
    intervalMs: 5_000,
    host,
    machine,
  });
  const { report, estimates } = await audit([recording], { ...options, ...more });
  return { report: reportSchema.parse(report), estimate: estimates[0]?.estimate };
}

describe('a recording over the end of a price', () => {
  it('is billed at each: 6.88 × 0.5 h + 5.00 × 1.25 h = 3.44 + 6.25 = 9.69', async () => {
    const { report, estimate } = await audited();
    expect(report.cost?.billed).toBe(9.69);
    expect(report.machines[0]?.rate?.perHour).toBe(6.88);
    expect(report.machines[0]?.hiddenGpus.cost).toBe(4.845);
    // Half of each clock hour's money is the GPU's that was seen.
    expect(report.periods.map(({ start, cost }) => [start.slice(11, 16), cost?.billed])).toEqual([
      ['23:30', 1.72],
      ['00:00', 2.5],
      ['01:00', 0.625],
    ]);
    expect(report.warnings.filter(({ code }) => code === 'price-changed')).toEqual([
      {
        code: 'price-changed',
        message:
          'acme/node: the price changes at 2026-01-01T00:00:00.000Z from 6.88 to 5 USD an hour; each is billed for its own time.',
      },
    ]);
    // 9.69 / 1.75 h
    expect(estimate?.perHourNanos).toBe(5_537_142_857n);
  });

  it('takes a finding’s money from the prices of its own time', async () => {
    const { report } = await audited();
    const idle = report.findings.find(({ rule }) => rule === 'idle-held');
    expect(idle?.recoverable.gpuHours).toBeCloseTo(1.75, 2);
    expect(idle?.recoverable.cost).toBeCloseTo(4.845, 2);
  });

  it('adds up over --since and --until, wherever it is cut', async () => {
    for (const cutMs of [newYear - 1, newYear, newYear + 1, newYear + 1_234_567]) {
      const { report: before } = await audited({ untilMs: cutMs });
      const { report: after } = await audited({ sinceMs: cutMs });
      const micros = [before, after].map((r) => Math.round((r.cost?.billed ?? NaN) * 1e6));
      expect((micros[0] ?? 0) + (micros[1] ?? 0), `cut at ${cutMs}`).toBe(9_690_000);
      expect(after.machines[0]?.rate?.perHour).toBe(cutMs < newYear ? 6.88 : 5);
    }
  });

  it('says nothing of a change that lies outside of the window', async () => {
    for (const window of [{ untilMs: newYear }, { sinceMs: newYear }]) {
      const { report } = await audited(window);
      expect(report.warnings.map(({ code }) => code)).not.toContain('price-changed');
    }
  });

  it('rounds up to the hour at the price of its end: 15 min × 5.00 = 1.25', async () => {
    const { report } = await audited({ billedFrom: { from: 'launch' } });
    expect(report.cost?.billed).toBe(10.94);
    expect(report.cost?.byState.rounding).toBe(1.25);
  });

  it('starts at the price of the launch, though watching began later', async () => {
    // Launched 20:30, increments of an hour: 3.5 h × 6.88 = 24.08, 1.25 h × 5 = 6.25, 15 min × 5 = 1.25.
    const launched = { from: 'time', timeMs: newYear - 3.5 * 3_600_000 } as const;
    const { report } = await audited({ billedFrom: launched });
    expect(report.cost?.billed).toBe(31.58);
  });

  it('has discounts and exchange on both prices: 9.69 × 0.9 × 0.5 = 4.3605', async () => {
    const { report } = await audited({
      discounts: [{ provider: 'acme', share: '0.1', name: 'contract' }],
      exchange: [{ from: 'USD', to: 'EUR', rate: '0.5', asOf: '2026-01-01', source: 'test' }],
    });
    expect(report.cost).toMatchObject({ currency: 'EUR', billed: 4.3605 });
    const said = report.warnings.find(({ code }) => code === 'price-changed')?.message;
    expect(said).toContain('from 3.096 to 2.25 EUR');
  });

  it('has no money where the price of a part is not known, and says which', async () => {
    const { report } = await audited({ machine: 'acme/later' });
    expect(report.cost).toBeNull();
    expect(report.gpuHours.billed).toBe(1.75);
    expect(report.warnings.find(({ code }) => code === 'no-rate')?.message).toBe(
      'acme/later: it is sold as on-demand, but the price is not known (from 2026-01-01T00:00:00.000Z)',
    );
    const { report: before } = await audited({ machine: 'acme/later', untilMs: newYear });
    expect(before.cost?.billed).toBe(3.44);
  });
});

describe('watching over the end of a price', () => {
  const header: HeaderLine = {
    kind: 'header',
    schema: 'gpucost.session/1',
    id: 'over',
    tool: '0.0.0',
    startedAt: startMs,
    intervalMs: 5_000,
    hostIntervalMs: 5_000,
    host,
    driver: null,
    gpus: [identityOf()],
    columns: ['utilizationGpuPct', 'memoryUsedMib'],
    hostColumns: [],
    jobColumns: [],
    command: null,
    machine,
  };

  function feed(live: LiveUsage, fromMs: number, untilMs: number): void {
    for (const { timeMs, utilizationGpuPct, memoryUsedMib } of readings) {
      if (timeMs <= fromMs || timeMs > untilMs) continue;
      live.add({ kind: 'tick', t: timeMs, rows: [[0, utilizationGpuPct, memoryUsedMib]] });
    }
  }

  it('shows the price of now, and what the machine has cost at both', () => {
    const live = new LiveUsage(header, options);
    feed(live, -Infinity, newYear);
    expect(live.at(newYear)).toMatchObject({ perHour: 6.88, billedCost: 3.44 });
    feed(live, newYear, endMs);
    expect(live.at(endMs)).toMatchObject({ perHour: 5, billedCost: 9.69 });
  });

  it('shows no money any more once the price is not known', () => {
    const live = new LiveUsage(header, { ...options, machine: 'acme/later' });
    expect(live.at(newYear)).toMatchObject({ perHour: 6.88, billedCost: 3.44 });
    expect(live.at(endMs)).toMatchObject({ perHour: null, billedCost: null });
  });
});
