import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstTogether, type NamedFindings, recoverableOf } from '../../src/report/recoverable.ts';
import { type Claim, claimedMs } from '../../src/rules/claim.ts';
import type { Finding } from '../../src/rules/rule.ts';
import { wasteStates } from '../../src/usage/states.ts';
import type { GpuUsage, MachineUsage } from '../../src/usage/usage.ts';
import { aRate } from '../bill/billable.ts';
import { aGpu } from '../kit/usage-builder.ts';

const originMs = Date.UTC(2026, 0, 5);
const minute = 60_000;

function machineOf(gpus: readonly GpuUsage[]): MachineUsage {
  return { id: 'm1', gpus, runs: [], hiddenGpus: 0, hidden: gpus[0]?.total, hiddenCells: [] } as
    // The union of claims reads nothing but the GPUs.
    unknown as MachineUsage;
}

function findingOf(claims: readonly (readonly [string, Claim])[]): Finding {
  return {
    rule: 'synthetic',
    machine: 'm1',
    gpus: claims.map(([id]) => id),
    title: '',
    severity: 'info',
    confidence: 1,
    summary: '',
    evidence: [],
    intervals: [],
    remediation: [],
    alternatives: [],
    decidingTest: null,
    recoverableMs: claims.reduce((sum, [, { ms }]) => sum + ms, 0),
    claims: new Map(claims),
  };
}

const span = (from: number, to: number) => ({
  startMs: originMs + from * minute,
  endMs: originMs + to * minute,
});

const gpus = [
  aGpu(0).busy('20m', { utilization: 60, load: 0.3, throttled: 0.1 }).idle('20m').build(),
  aGpu(1).busy('40m', { utilization: 90, load: 0.5 }).build(),
];

describe('what findings could win back together', () => {
  const usage = machineOf(gpus);
  const waiting = (from: number, to: number, part = 1): Finding => {
    const claim = { states: ['waiting'] as const, intervals: [span(from, to)] };
    const held = claimedMs(gpus[0]?.windows ?? fail(), claim);
    return findingOf([['gpu-0', { ...claim, ms: held * part }]]);
  };

  it('counts the same time of the same state once', () => {
    const one = recoverableOf({ usage, rate: null }, [waiting(0, 10)]);
    expect(one.ms).toBe(4 * minute);
    expect(recoverableOf({ usage, rate: null }, [waiting(0, 10), waiting(0, 10)]).ms).toBe(one.ms);
    expect(recoverableOf({ usage, rate: null }, [waiting(0, 10), waiting(5, 15)]).ms).toBe(
      6 * minute,
    );
    expect(recoverableOf({ usage, rate: null }, [waiting(0, 10), waiting(10, 20)]).ms).toBe(
      8 * minute,
    );
  });

  it('takes the larger of two parts of the same time', () => {
    const both = recoverableOf({ usage, rate: null }, [waiting(0, 10, 0.25), waiting(0, 10, 0.5)]);
    expect(both.ms).toBe(2 * minute);
  });

  it('costs its part of the machine, by the price of its time', () => {
    const rate = aRate('8.00');
    const later = aRate('16.00');
    const changing = {
      ...rate,
      pricePeriods: [
        { fromMs: -Infinity, rate },
        { fromMs: originMs + 10 * minute, rate: later },
      ],
    };
    // Two GPUs at 8 an hour: 4 of 60 minutes of half of it.
    expect(recoverableOf({ usage, rate }, [waiting(0, 10)]).micros).toBe(266_666n);
    expect(recoverableOf({ usage, rate: changing }, [waiting(0, 10)]).micros).toBe(266_666n);
    expect(recoverableOf({ usage, rate: changing }, [waiting(0, 20)]).micros).toBe(800_000n);
  });

  const claim = fc
    .record({
      gpu: fc.integer({ min: 0, max: 1 }),
      states: fc.uniqueArray(fc.constantFrom(...wasteStates), { minLength: 1 }),
      intervals: fc.array(
        fc
          .tuple(fc.integer({ min: 0, max: 2400 }), fc.integer({ min: 1, max: 600 }))
          .map(([from, length]) => ({
            startMs: originMs + from * 1000,
            endMs: originMs + (from + length) * 1000,
          })),
        { minLength: 1, maxLength: 4 },
      ),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ gpu, states, intervals, part }): readonly [string, Claim] => {
      const { windows } = gpus[gpu] ?? fail();
      const held = claimedMs(windows, { states, intervals });
      return [`gpu-${gpu}`, { states, intervals, ms: Math.floor(held * part) }];
    });
  const finding = fc
    .uniqueArray(claim, { minLength: 1, maxLength: 2, selector: ([id]) => id })
    .map(findingOf);

  it('is at most the sum and the waste, at least the largest, and the same in any order', () => {
    const wasted = gpus.reduce(
      (sum, { total: { byState } }) => wasteStates.reduce((all, s) => all + byState[s], sum),
      0,
    );
    fc.assert(
      fc.property(fc.array(finding, { minLength: 1, maxLength: 5 }), (findings) => {
        const each = findings.map(({ recoverableMs }) => recoverableMs);
        const joint = recoverableOf({ usage, rate: null }, findings).ms;
        expect(joint).toBeLessThanOrEqual(each.reduce((a, b) => a + b, 0));
        expect(joint).toBeGreaterThanOrEqual(Math.max(...each));
        // Windows of synthetic usage are rounded to milliseconds one by one.
        expect(joint).toBeLessThanOrEqual(wasted + 5 * 2 * 480);
        expect(recoverableOf({ usage, rate: null }, findings.toReversed()).ms).toBe(joint);
      }),
    );
  });

  describe('of the first three', () => {
    const named = (machine: Omit<NamedFindings, 'findings'>, ...found: [string, Finding][]) => ({
      ...machine,
      findings: found.map(([fingerprint, one]) => ({ fingerprint, finding: one })),
    });
    const listed = (...of: [string, number][]) =>
      of.map(([fingerprint, gpuHours]) => ({ fingerprint, recoverable: { gpuHours } }));
    const usd = { usage, rate: aRate('8.00') };
    const found: [string, Finding][] = [
      ['a', waiting(0, 5)],
      ['b', waiting(5, 10)],
      ['c', waiting(10, 15)],
      ['d', waiting(15, 20)],
    ];

    it('leaves out the others, and those without anything to win back', () => {
      const together = firstTogether(listed(['a', 1], ['none', 0], ['b', 1], ['c', 1], ['d', 1]), [
        named(usd, ...found),
      ]);
      expect(together).toEqual({
        findings: ['a', 'b', 'c'],
        gpuHours: 0.1,
        cost: 0.4,
        currency: 'USD',
      });
      expect(firstTogether(listed(['none', 0]), [named(usd, ...found)])).toBeNull();
    });

    it('has no money where one machine has no rate, or another currency', () => {
      for (const rate of [null, aRate('8.00', { currency: 'EUR' })]) {
        const machines = [
          named(usd, ['a', waiting(0, 5)]),
          named({ usage, rate }, ['b', waiting(0, 5)]),
        ];
        expect(firstTogether(listed(['a', 1], ['b', 1]), machines)).toEqual({
          findings: ['a', 'b'],
          gpuHours: 4 / 60,
          cost: null,
          currency: null,
        });
      }
    });
  });
});

function fail(): never {
  throw new Error('no such GPU');
}
