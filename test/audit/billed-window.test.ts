import { describe, expect, it } from 'vitest';
import { type AuditOptions, audit } from '../../src/audit/audit.ts';
import { toProviderCard } from '../../src/rates/card.ts';
import { loadRateCards } from '../../src/rates/load.ts';
import { mergeCards } from '../../src/rates/merge.ts';
import type { Report } from '../../src/report/report.ts';
import { reportSchema } from '../../src/report/schema.ts';
import type { HostIdentity, MachineFacts } from '../../src/store/lines.ts';
import type { Recording } from '../../src/store/recording.ts';
import { auditOptions } from '../kit/audit-options.ts';
import { identityOf, recordingOf, tenOClock } from '../kit/samples.ts';

const builtIn = await loadRateCards();
const second = 1000;
const hour = 3_600_000;

const options = await auditOptions({
  nowMs: tenOClock,
  cards: builtIn,
  machine: 'aws/g4dn.xlarge',
  billedFrom: { from: 'launch' },
});

async function report(
  recordings: readonly Recording[],
  more: Partial<AuditOptions> = {},
): Promise<Report> {
  const result = await audit(recordings, { ...options, ...more });
  return reportSchema.parse(result.report);
}

/** A session on a T4 that watched it at work, seconds after ten o'clock. */
function session(
  fromSeconds: number,
  untilSeconds: number,
  facts: { readonly launch?: number; readonly boot?: number; readonly watts?: number } = {},
): Recording {
  const at = (seconds: number): number => tenOClock + seconds * second;
  const host: HostIdentity = {
    name: 'gpu-host',
    key: 'a1',
    cpus: 4,
    memoryMib: 16_384,
    bootedAt: facts.boot === undefined ? null : at(facts.boot),
    container: false,
  };
  const machine: MachineFacts = {
    provider: 'aws',
    type: 'g4dn.xlarge',
    region: null,
    purchase: null,
    detectedBy: 'metadata',
    launchedAt: facts.launch === undefined ? null : at(facts.launch),
  };
  const readings = Array.from({ length: untilSeconds - fromSeconds }, (_, i) => ({
    timeMs: at(fromSeconds + i + 1),
    utilizationGpuPct: 90,
    memoryUsedMib: 9_000,
    ...(facts.watts === undefined ? {} : { powerDrawW: facts.watts }),
  }));
  const gpu = identityOf('GPU-t4', {
    name: 'Tesla T4',
    memoryTotalMib: 15_360,
    powerLimitW: 70,
  });
  return recordingOf(new Map([[gpu, readings]]), {
    name: `from ${fromSeconds} s`,
    startedAt: at(fromSeconds),
    endedAt: at(untilSeconds),
    host,
    machine,
  });
}

const runsOf = (result: Report) =>
  result.machines.flatMap(({ runs }) =>
    runs.map(({ startedBy, billedSeconds }) => `${startedBy} ${billedSeconds} s`),
  );
const seconds = (hours: number): number => Math.round(hours * 3600);

describe('from launch', () => {
  it('bills g4dn.xlarge from 10:00:00, watched :20 to :45 and stopped, for its minimum of 60 s', async () => {
    // 0.526 × 60 / 3600 = 0.0087667 -> 0.008767: unobserved 0.002922, watched 0.003653, rounding 0.002192.
    const result = await report([session(20, 45, { launch: 0 })]);
    expect(runsOf(result)).toEqual(['launch 60 s']);
    expect(result.cost?.billed).toBe(0.008767);
    expect(result.cost?.byState).toMatchObject({ unobserved: 0.002922, rounding: 0.002192 });
    expect(result.gpuHours.unobservedBy.beforeFirstSample).toBe(20 / 3600);
  });

  it('bills three starts of 20, 20 and 100 s in one clock hour apart', async () => {
    // Minimum of 60 s for the first two: 0.008767 + 0.008767 + 0.014611 = 0.032145.
    const result = await report([
      session(5, 20, { launch: 0 }),
      session(130, 140, { launch: 120 }),
      session(330, 400, { launch: 300 }),
    ]);
    expect(runsOf(result)).toEqual(['launch 60 s', 'launch 60 s', 'launch 100 s']);
    expect(result.cost?.billed).toBe(0.032145);
    const { byState, billed, observed } = result.gpuHours;
    expect(seconds(billed)).toBe(220);
    expect(seconds(byState.rounding)).toBe(80);
    // Watched 15 + 10 + 70 s; before that 5 + 10 + 30 s.
    expect(seconds(observed)).toBe(95);
    expect(seconds(byState.unobserved)).toBe(45);
  });

  it('bills one launch through a reboot: 400 s', async () => {
    // 0.526 × 400 / 3600 = 0.0584444 -> 0.058444.
    const result = await report([
      session(5, 20, { launch: 0, boot: 1 }),
      session(330, 400, { launch: 0, boot: 300 }),
    ]);
    expect(runsOf(result)).toEqual(['launch 400 s']);
    expect(result.cost?.billed).toBe(0.058444);
    expect(seconds(result.gpuHours.byState.unobserved)).toBe(400 - 15 - 70);
  });

  it('counts sessions that overlap once', async () => {
    const result = await report([session(10, 100, { launch: 0 }), session(50, 120, { launch: 0 })]);
    expect(runsOf(result)).toEqual(['launch 120 s']);
    expect(seconds(result.gpuHours.observed)).toBe(110);
  });

  it('cut by since and until, the parts add up to the whole', async () => {
    const recordings = [
      session(5, 20, { launch: 0 }),
      session(130, 140, { launch: 120 }),
      session(330, 400, { launch: 300 }),
    ];
    const whole = await report(recordings);
    const edges = [null, 10, 15, 125, 135, 310, 390, null];
    let billed = 0;
    for (const [index, until] of edges.slice(1).entries()) {
      const since = edges[index] ?? null;
      const at = (edge: number | null) => (edge === null ? null : tenOClock + edge * second);
      const part = await report(recordings, { sinceMs: at(since), untilMs: at(until) });
      billed += Math.round((part.cost?.billed ?? 0) * 1e6);
    }
    expect(billed).toBe(Math.round((whole.cost?.billed ?? 0) * 1e6));
  });
});

describe('from start, boot and a time', () => {
  const recordings = [session(100, 200, { boot: 10 }), session(4000, 4100, { boot: 3900 })];

  it('start bills what was watched', async () => {
    const result = await report(recordings, { billedFrom: { from: 'start' } });
    expect(runsOf(result)).toEqual(['start 100 s', 'start 100 s']);
    expect(result.gpuHours.byState.unobserved).toBe(0);
  });

  it('boot tells two boots apart, and says that it took the absence for a stop', async () => {
    const result = await report(recordings, { billedFrom: { from: 'boot' } });
    expect(runsOf(result)).toEqual(['boot 190 s', 'boot 200 s']);
    expect(result.warnings.map(({ code }) => code)).toContain('stop-assumed');
  });

  it('a time bills from there, and drops what was watched before', async () => {
    const billedFrom = { from: 'time', timeMs: tenOClock + 150 * second } as const;
    const result = await report([session(100, 200)], { billedFrom });
    // 50 s are less than the minimum.
    expect(runsOf(result)).toEqual(['time 60 s']);
    expect(seconds(result.gpuHours.observed)).toBe(50);
  });
});

describe('charged by the calendar', () => {
  const reserved = mergeCards([
    ...builtIn.values(),
    toProviderCard(
      {
        schema: 'gpucost.rates/1',
        provider: 'aws',
        currency: 'USD',
        sources: { contract: { note: 'made up', read: '2026-01-01' } },
        machines: {
          'g4dn.xlarge': {
            prices: [
              {
                purchase: 'reserved',
                region: 'us-east-1',
                per_hour: '0.3',
                billing: { charged: 'always' },
                as_of: '2026-01-01',
                source: 'contract',
                confidence: 'high',
              },
            ],
          },
        },
      },
      'contract.yaml',
    ),
  ]);
  const asked = { cards: reserved, purchase: 'reserved', region: 'us-east-1' };

  it('bills the window, used or not: three hours with ten minutes of work', async () => {
    // 0.30 × 3 = 0.90, of it 10 min or 0.05 watched; 0.85 while the machine was off.
    const result = await report([session(3600, 4200)], {
      ...asked,
      sinceMs: tenOClock,
      untilMs: tenOClock + 3 * hour,
    });
    expect(runsOf(result)).toEqual(['time 10800 s']);
    expect(result.cost?.billed).toBe(0.9);
    expect(result.cost?.byState.unobserved).toBe(0.85);
    expect(seconds(result.gpuHours.unobservedBy.machineOff)).toBe(3 * 3600 - 600);
  });

  it('bills no more than the commitment’s term, whatever window was asked for', async () => {
    const contract = asked.cards.get('aws');
    const machine = contract?.machines.get('g4dn.xlarge');
    const [price] = machine?.prices.filter(({ purchase }) => purchase === 'reserved') ?? [];
    if (!contract || !machine || !price) throw new Error('the contract is missing');
    const commitment = { term: '1y', from: '2026-01-01' };
    const committed = { ...price, terms: { ...price.terms, commitment } };
    const prices = [...machine.prices.filter((p) => p !== price), committed];
    const machines = new Map([...contract.machines, ['g4dn.xlarge', { ...machine, prices }]]);
    const result = await report([session(3600, 4200)], {
      ...asked,
      cards: new Map([['aws', { ...contract, machines }]]),
      sinceMs: Date.UTC(2020, 0, 1),
      untilMs: Date.UTC(2030, 0, 1),
    });
    // A year has 8,766 hours: 0.30 × 8,766 = 2,629.80.
    expect(runsOf(result)).toEqual([`time ${8_766 * 3_600} s`]);
    expect(result.cost?.billed).toBe(2629.8);
  });

  it('without a window bills from the first to the last watched moment', async () => {
    // 0.30 for an hour and 10 min: 0.35.
    const result = await report([session(0, 600), session(3600, 4200)], asked);
    expect(result.cost?.billed).toBe(0.35);
  });
});

it('a machine of one’s own is billed with the energy that it drew', async () => {
  const own = mergeCards([
    toProviderCard(
      {
        schema: 'gpucost.rates/1',
        provider: 'acme',
        currency: 'EUR',
        sources: { books: { note: 'made up', read: '2026-01-01' } },
        machines: {
          'rack-1': {
            gpu: 'T4',
            gpus: 1,
            prices: [
              {
                purchase: 'own',
                region: 'any',
                own: {
                  purchase_price: '35064',
                  lifetime: '4y',
                  energy: { per_kwh: '0.20', pue: 1.5, host_watts: 130 },
                },
                as_of: '2026-01-01',
                source: 'books',
                confidence: 'high',
              },
            ],
          },
        },
      },
      'acme.yaml',
    ),
  ]);
  // 35,064 over 4 × 8,766 h is 1.00 an hour. 70 W + 130 W = 0.2 kW, × 1.5 × 0.20 = 0.06 an hour.
  // 1.06 × 1/2 h = 0.53.
  const result = await report([session(0, 1800, { watts: 70 })], {
    cards: own,
    machine: 'acme/rack-1',
    billedFrom: { from: 'start' },
  });
  expect(result.cost).toMatchObject({ currency: 'EUR', billed: 0.53 });
  expect(result.machines[0]?.rate?.parts.map(({ name, unit }) => [name, unit])).toContainEqual([
    'energy',
    'kWh',
  ]);
  expect(result.warnings.map(({ code }) => code)).toContain('energy-measured');
});
