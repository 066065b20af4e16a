import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostColumns, jobColumns } from '../../src/host/columns.ts';
import { rules } from '../../src/rules/index.ts';
import { type Judgement, judge } from '../../src/rules/run.ts';
import { mib } from '../kit/host-signals.ts';
import { aGpu, type GpuBuilder, type Work } from '../kit/usage-builder.ts';
import { usageOfLog } from '../kit/usage-of.ts';

/** What must hold of all rules together, the ones to come included: they are judged as the product judges them. */

function judged(...gpus: readonly GpuBuilder[]): Judgement {
  const judgement = judge(
    { id: 'm1', gpus: gpus.map((gpu) => gpu.build()) },
    (gpu) => ({ spec: null, intervalMs: gpu.nominalMs }),
    {},
    rules,
  );
  const [failure] = judgement.failed;
  if (failure !== undefined) throw failure.error;
  return judgement;
}

const found = (...gpus: readonly GpuBuilder[]): readonly string[] =>
  judged(...gpus).findings.map(({ rule }) => rule);

const namedCauses = ['io-bound', 'cpu-bound-input', 'host-bound', 'transfer-bound'];
/** They say something of the recording or the machine, not of how much the GPU was used. */
const ofTheRecording = ['coarse-sampling', 'pcie-degraded'];

const between = (min: number, max: number) =>
  fc.double({ min, max, noNaN: true, noDefaultInfinity: true });
const seconds = (min: number, max: number) => fc.integer({ min, max }).map((time) => `${time}s`);

const share = between(0, 1);
const signalOf = (column: string): fc.Arbitrary<number> => {
  if (column.endsWith('Share')) return share;
  if (column.endsWith('BytesPerS')) return between(0, 4000 * mib);
  return column.includes('Cores') || column.includes('Cpu') ? between(0.1, 64) : between(0, 64);
};
const some = (columns: readonly string[]) =>
  fc.record(Object.fromEntries(columns.map((column) => [column, signalOf(column)])), {
    requiredKeys: [],
  });
const anyHost: fc.Arbitrary<Pick<Work, 'host' | 'job'>> = fc.record({
  host: some(hostColumns),
  job: some(jobColumns),
});

type Step = (gpu: GpuBuilder) => GpuBuilder;
const run = (gpu: GpuBuilder, steps: readonly Step[]) => steps.reduce((so, step) => step(so), gpu);

/** Work, pauses and gaps in any order, with these readings while it works. */
const stepsOf = (work: fc.Arbitrary<Work>, heldMib: number | null): fc.Arbitrary<readonly Step[]> =>
  fc.array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.tuple(seconds(5, 900), work).map(
          ([time, w]) =>
            (gpu: GpuBuilder) =>
              gpu.busy(time, w),
        ),
      },
      seconds(1, 900).map((time) => (gpu: GpuBuilder) => gpu.idle(time, { heldMib, watts: null })),
      seconds(5, 120).map((time) => (gpu: GpuBuilder) => gpu.gap(time)),
    ),
    { minLength: 1, maxLength: 6 },
  );

const utilizationOnly = between(0, 100).map(
  (utilization): Work => ({
    utilization,
    load: null,
    memoryUtilization: null,
    heldMib: null,
    watts: null,
    clockMhz: null,
    pcie: null,
  }),
);

describe('a log with utilization only', () => {
  test('never gets a named cause, nor a finding that rests on what was not reported', () => {
    const unfounded = [
      ...namedCauses,
      'hollow-busy',
      'undersized-batch',
      'oversized-gpu',
      'memory-oversubscribed',
      'hung-collective',
      'throttled',
      'no-tensor-cores',
      'pcie-degraded',
      'ghost-utilization',
    ];
    fc.assert(
      fc.property(stepsOf(utilizationOnly, null), (steps) => {
        const rulesFound = found(run(aGpu(), steps));
        expect(rulesFound.filter((rule) => unfounded.includes(rule))).toEqual([]);
      }),
    );
  });

  test('and of work that waits it says that it waits', () => {
    fc.assert(
      fc.property(between(2, 78), seconds(120, 1200), (utilization, time) => {
        const bare = { load: null, memoryUtilization: null, heldMib: null, watts: null };
        expect(found(aGpu().busy(time, { ...bare, clockMhz: null, utilization }))).toContain(
          'undetermined-wait',
        );
      }),
    );
  });
});

test('a MIG session never gets a finding of low utilization, whatever else was seen', () => {
  const work = fc
    .tuple(anyHost, between(0, 79_000), between(80, 700), fc.option(between(0, 4000)))
    .map(
      ([signals, heldMib, watts, pcie]): Work => ({
        ...signals,
        utilization: null,
        load: null,
        heldMib,
        watts,
        pcie,
      }),
    );
  fc.assert(
    fc.property(stepsOf(work, 20_000), stepsOf(work, 0), (one, other) => {
      const gpus = [run(aGpu(0), one).mig(), run(aGpu(1), other).mig()];
      expect(found(...gpus).filter((rule) => !ofTheRecording.includes(rule))).toEqual([]);
    }),
  );
});

/** Utilization and load that are healthy by contract, everything else as it may be. */
const healthyWork = fc
  .tuple(
    anyHost,
    between(90.5, 100),
    between(0.76, 1),
    between(0, 79_500),
    between(0, 100),
    fc.option(between(0, 30_000)),
  )
  .map(
    ([signals, utilization, load, heldMib, memoryUtilization, pcie]): Work => ({
      ...signals,
      utilization,
      load,
      heldMib,
      memoryUtilization,
      pcie,
    }),
  );

test('no finding of waste at utilization ≥ 90 and load ≥ 0.75, whatever the host does', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(healthyWork, seconds(60, 1200)), { minLength: 1, maxLength: 4 }),
      (gpus) => {
        const built = gpus.map(([work, time], index) => aGpu(index).busy(time, work));
        const rulesFound = found(...built);
        expect(rulesFound.filter((rule) => !ofTheRecording.includes(rule))).toEqual([]);
      },
    ),
  );
});

test('pipeline stages of different power are no imbalance', () => {
  // 418 and 482 W of 700 are normal for stages of one job; a fifth of the limit is the least that is not.
  const stages = fc.array(between(0.55, 0.7), { minLength: 2, maxLength: 8 });
  fc.assert(
    fc.property(stages, between(92, 100), seconds(120, 1200), (loads, utilization, time) => {
      const gpus = loads.map((load, index) => aGpu(index).busy(time, { utilization, load }));
      expect(found(...gpus)).not.toContain('imbalance');
    }),
  );
});

test('hot but equal GPUs are no stragglers', async () => {
  const celsius = fc.array(fc.integer({ min: 30, max: 84 }), { minLength: 8, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(celsius, fc.integer({ min: 91, max: 99 }), async (temperatures, level) => {
      const usage = await usageOfLog(equalWork(temperatures, level));
      const { findings } = judge(
        usage,
        (gpu) => ({ spec: null, intervalMs: gpu.nominalMs }),
        {},
        rules,
      );
      expect(findings.map(({ rule }) => rule)).toEqual([]);
    }),
    { numRuns: 20 },
  );
});

/** Two minutes of the same work on as many GPUs, each as hot as it is. */
function equalWork(temperatures: readonly number[], utilization: number): string {
  const rows = Array.from({ length: 120 }, (_, second) => {
    const time = new Date(Date.UTC(2026, 0, 5) + second * 1000).toISOString();
    const stamp = time.replaceAll('-', '/').replace('T', ' ').replace('Z', '');
    return temperatures.map(
      (celsius, index) =>
        `${stamp}, ${index}, ${utilization + ((second + index) % 2)} %, 61000 MiB, 612.00 W, 700.00 W, ${celsius}`,
    );
  });
  const head =
    'timestamp, index, utilization.gpu [%], memory.used [MiB], power.draw [W], power.limit [W], temperature.gpu';
  return `${[head, ...rows.flat()].join('\n')}\n`;
}

describe('memory that a framework has allocated in advance', () => {
  const waiting = fc.record({
    utilization: between(2, 75),
    load: between(0, 0.7),
    memoryUtilization: between(0, 60),
  });
  const anyMemory = between(300, 79_500);

  test('does not excuse: a GPU that waits is found with any of it', () => {
    const family = [...namedCauses, 'undetermined-wait', 'oversized-gpu', 'undersized-batch'];
    fc.assert(
      fc.property(
        waiting,
        anyHost,
        anyMemory,
        seconds(120, 1200),
        (work, signals, heldMib, time) => {
          const rulesFound = found(aGpu().busy(time, { ...work, ...signals, heldMib }));
          expect(rulesFound.some((rule) => family.includes(rule))).toBe(true);
        },
      ),
    );
  });

  test('does not excuse: a GPU that idles is found with any of it', () => {
    fc.assert(
      fc.property(anyMemory, seconds(301, 1800), (heldMib, time) => {
        expect(found(aGpu().busy('2m', { heldMib }).idle(time, { heldMib }))).toContain(
          'idle-held',
        );
      }),
    );
  });

  test('does not accuse: more of it adds no finding but that the GPU waits', () => {
    // A full card that is busy at little power may be paging: that is what memory-oversubscribed is for.
    const work = fc.record({
      utilization: between(2, 100),
      load: between(0.46, 1),
      memoryUtilization: between(0, 94),
    });
    fc.assert(
      fc.property(work, anyHost, anyMemory, anyMemory, (asked, signals, a, b) => {
        const of = (heldMib: number) =>
          found(aGpu().busy('10m', { ...asked, ...signals, heldMib }));
        const less = of(Math.min(a, b));
        const added = of(Math.max(a, b)).filter((rule) => !less.includes(rule));
        // What a larger memory keeps from being called too large a GPU is left to the general answer.
        expect(added.filter((rule) => rule !== 'undetermined-wait')).toEqual([]);
      }),
    );
  });
});
