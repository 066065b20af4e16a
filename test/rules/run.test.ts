import { describe, expect, test } from 'vitest';
import { idleEmpty } from '../../src/rules/idle-empty.ts';
import { idleHeld } from '../../src/rules/idle-held.ts';
import { rules } from '../../src/rules/index.ts';
import { clear, defineRule, type Rule } from '../../src/rules/rule.ts';
import { judge, type ThresholdOverrides } from '../../src/rules/run.ts';
import { quietHost } from '../kit/host-signals.ts';
import { aGpu, type GpuBuilder } from '../kit/usage-builder.ts';

const held = { heldMib: 16_000 };

function judgeAll(
  gpus: readonly GpuBuilder[],
  list: readonly Rule[] = rules,
  overrides: ThresholdOverrides = {},
) {
  return judge(
    { id: 'm1', gpus: gpus.map((gpu) => gpu.build()) },
    (gpu) => ({ spec: null, intervalMs: gpu.nominalMs }),
    overrides,
    list,
  );
}

const found = (gpus: readonly GpuBuilder[]) =>
  judgeAll(gpus).findings.map(({ rule, gpus: ids }) => [rule, ...ids]);

describe('joining GPUs', () => {
  const gpus = [
    aGpu(0).busy('1h').idle('6m', held),
    aGpu(1).busy('6m').idle('1h', held),
    aGpu(2).busy('66m'),
  ];
  const [finding] = judgeAll(gpus, [idleHeld]).findings;

  test('one finding holds every GPU that the rule was detected on, with the highest severity', () => {
    expect(finding?.gpus).toEqual(['gpu-0', 'gpu-1']);
    expect(finding?.severity).toBe('critical');
  });

  test('the evidence is that of the GPU that could win back most, and the summary says so', () => {
    expect(finding?.evidence[0]).toMatchObject({ value: 3_600_000 });
    expect(finding?.summary).toMatch(/2 of 3 GPUs; the evidence is that of GPU 1\.$/);
  });

  test('what is recoverable is kept by GPU and added up', () => {
    expect(Array.from(finding?.claims ?? [], ([id, { ms }]) => [id, ms])).toEqual([
      ['gpu-0', 360_000],
      ['gpu-1', 3_600_000],
    ]);
    expect(finding?.recoverableMs).toBe(3_960_000);
  });

  test('intervals are united', () => {
    const start = Date.UTC(2026, 0, 5);
    expect(finding?.intervals).toEqual([{ startMs: start + 360_000, endMs: start + 3_960_000 }]);
  });

  test('the order of the GPUs makes no difference', () => {
    expect(judgeAll(gpus.toReversed())).toEqual(judgeAll(gpus));
  });
});

describe('rules that say more about the same time', () => {
  test('an unused GPU is not also called idle', () => {
    expect(found([aGpu(0).idle('1h'), aGpu(1).busy('1h')])).toEqual([['unused-gpus', 'gpu-0']]);
  });

  test('a wait whose cause is named is not also undetermined', () => {
    const work = { utilization: 40, job: { ...quietHost.job, workerCpuShare: 1 }, load: 0.3 };
    expect(found([aGpu().busy('1h', work)])).toEqual([['cpu-bound-input', 'gpu-0']]);
  });

  test('each GPU has its own cause', () => {
    const starved = { utilization: 40, load: 0.3, heldMib: 60_000 };
    const computing = { ...starved, job: { ...quietHost.job, workerCpuShare: 1 } };
    expect(found([aGpu(0).busy('1h', starved), aGpu(1).busy('1h', computing)])).toEqual([
      ['cpu-bound-input', 'gpu-1'],
      ['undetermined-wait', 'gpu-0'],
    ]);
  });

  test('the order of the list makes no difference to what is found', () => {
    const gpus = [aGpu(0).idle('1h'), aGpu(1).busy('1h', { utilization: 40, heldMib: 60_000 })];
    const ids = (list: readonly Rule[]) =>
      judgeAll(gpus, list)
        .findings.map(({ rule }) => rule)
        .sort();
    expect(ids(rules.toReversed())).toEqual(ids(rules));
  });
});

describe('healthy work', () => {
  test.each([
    [90, 0.75],
    [99, 0.98],
    [100, 1],
  ])('utilization %d %% at load %d gets no finding', (utilization, load) => {
    expect(found([aGpu().busy('8h', { utilization, load, ...quietHost })])).toEqual([]);
  });

  test('pre-allocated memory accuses nobody', () => {
    expect(found([aGpu().busy('8h', { heldMib: 79_900 })])).toEqual([]);
    expect(found([aGpu().busy('8h', { heldMib: 900 })])).toEqual([]);
  });
});

test('a log with utilization only never gets a named cause', () => {
  const only = { load: null, watts: null, heldMib: null, memoryUtilization: null };
  for (const utilization of [2, 10, 38, 60, 80, 95, 100]) {
    const named = found([aGpu().busy('1h', { utilization, ...only })]).map(([rule]) => rule);
    expect(named).toEqual(utilization <= 80 ? ['undetermined-wait'] : []);
  }
});

test('MIG never gets a finding of low utilization, and every rule says that it could not judge', () => {
  const { findings, notJudged } = judgeAll([aGpu().idle('8h', held).mig()]);
  expect(findings).toEqual([]);
  expect(notJudged.map(({ rule }) => rule)).toEqual(rules.map(({ meta }) => meta.id));
  expect(notJudged[0]?.reason).toContain('MIG');
});

test('GPUs that share a reason are named together', () => {
  const { notJudged } = judgeAll([aGpu(0).idle('1m'), aGpu(1).idle('1m')], [idleEmpty]);
  expect(notJudged).toEqual([
    {
      rule: 'idle-empty',
      machine: 'm1',
      gpus: ['gpu-0', 'gpu-1'],
      reason: 'watched for less than the 5 min that make it idle',
    },
  ]);
});

test('the project file sets thresholds', () => {
  const gpus = [aGpu().busy('1h').idle('6m', held)];
  const overrides = { 'idle-held': { idleFor: 420_000 } };
  expect(judgeAll(gpus, [idleHeld]).findings).toHaveLength(1);
  expect(judgeAll(gpus, [idleHeld], overrides).findings).toHaveLength(0);
});

describe('faults in rules', () => {
  const meta = { ...idleHeld.meta, thresholds: {} };
  const broken = defineRule({
    meta: { ...meta, id: 'broken' },
    evaluate() {
      throw new TypeError('a bug');
    },
  });

  test('a rule that throws is reported, the others stand', () => {
    const { findings, failed } = judgeAll([aGpu().idle('8h', held)], [broken, idleHeld]);
    expect(failed).toEqual([{ rule: 'broken', error: new TypeError('a bug') }]);
    expect(findings.map(({ rule }) => rule)).toEqual(['idle-held']);
  });

  test('rules that yield to each other are refused', () => {
    const rule = (id: string, other: string) =>
      defineRule({ meta: { ...meta, id, yieldsTo: [other] }, evaluate: () => clear });
    expect(() => judgeAll([aGpu().idle('8h')], [rule('a', 'b'), rule('b', 'a')])).toThrow(/a, b/);
  });
});

test('the list of rules is sound', () => {
  const ids = rules.map(({ meta }) => meta.id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { meta } of rules) {
    expect(meta.id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(meta.yieldsTo.filter((id) => !ids.includes(id))).toEqual([]);
    expect(meta.remediation.length).toBeGreaterThan(0);
    for (const threshold of Object.values(meta.thresholds)) expect(threshold.why).not.toBe('');
  }
});
