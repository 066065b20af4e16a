import { describe, expect, test } from 'vitest';
import { cpuBoundInput } from '../../src/rules/cpu-bound-input.ts';
import { causeRules, decidingTest } from '../../src/rules/deciding-test.ts';
import { hostBound } from '../../src/rules/host-bound.ts';
import { idleHeld } from '../../src/rules/idle-held.ts';
import { rules } from '../../src/rules/index.ts';
import { judge } from '../../src/rules/run.ts';
import { host } from '../kit/host-signals.ts';
import { aGpu, type GpuBuilder } from '../kit/usage-builder.ts';

const judged = (gpu: GpuBuilder) =>
  judge(
    { id: 'm1', gpus: [gpu.build()] },
    ({ nominalMs }) => ({ spec: null, intervalMs: nominalMs }),
    {},
    [cpuBoundInput, hostBound, idleHeld],
  ).findings;

/** A full thread, and a quota that is used up. */
const both = host({}, { busiestThreadShare: 0.99, cgroupThrottledShare: 0.8 });
const threadOnly = host({}, { busiestThreadShare: 0.99 });

describe('causes of the same wait', () => {
  test('are ranked, and come with the run that decides', () => {
    const findings = judged(aGpu().busy('10m', { utilization: 40, ...both }));
    const [cpu, thread] = findings;
    expect(findings.map(({ rule }) => rule)).toEqual(['cpu-bound-input', 'host-bound']);
    expect(cpu?.alternatives).toEqual([{ rule: 'host-bound', confidence: thread?.confidence }]);
    expect(thread?.alternatives).toEqual([
      { rule: 'cpu-bound-input', confidence: cpu?.confidence },
    ]);
    expect(cpu?.decidingTest).toEqual(thread?.decidingTest);
    expect(cpu?.decidingTest?.outcomes).toEqual([
      { seen: 'the GPU fills', causes: ['cpu-bound-input'] },
      { seen: 'it does not', causes: ['host-bound'] },
    ]);
  });

  test('at another time are no alternatives', () => {
    const apart = aGpu()
      .busy('10m', { utilization: 40, ...host({}, { cgroupThrottledShare: 0.8 }) })
      .idle('20m', { heldMib: 9000 })
      .busy('10m', { utilization: 40, ...threadOnly });
    for (const { alternatives } of judged(apart)) expect(alternatives).toEqual([]);
  });

  test('a finding that names no cause has neither', () => {
    const [idle] = judged(aGpu().busy('1m').idle('8h', { heldMib: 9000 }));
    expect(idle).toMatchObject({ rule: 'idle-held', alternatives: [], decidingTest: null });
  });
});

describe('the run that decides', () => {
  const outcomes = (...causes: string[]) =>
    decidingTest(causes)?.outcomes.map((outcome) => outcome.causes);

  test.each([
    [['io-bound', 'cpu-bound-input'], 'page cache', [['io-bound'], ['cpu-bound-input']]],
    [['cpu-bound-input', 'transfer-bound'], 'pinned', [['cpu-bound-input'], ['transfer-bound']]],
    [['io-bound', 'host-bound'], 'synthetic', [['io-bound'], ['host-bound']]],
    [['undersized-batch'], 'Double the batch', [['undersized-batch'], ['host-bound']]],
    [['io-bound'], 'page cache', [['io-bound'], ['cpu-bound-input']]],
  ])('between %j', (causes, words, expected) => {
    expect(decidingTest(causes)?.action).toContain(words);
    expect(outcomes(...causes)).toEqual(expected);
  });

  test('its outcomes leave different causes, whichever it is about', () => {
    for (let mask = 1; mask < 2 ** causeRules.length; mask++) {
      const [yes = [], no = []] = outcomes(...causeRules.filter((_, i) => mask & (1 << i))) ?? [];
      expect(yes.length).toBeGreaterThan(0);
      expect(no.length).toBeGreaterThan(0);
      expect(yes.filter((cause) => no.includes(cause))).toEqual([]);
    }
  });

  test('is about rules that exist', () => {
    const ids = rules.map(({ meta }) => meta.id);
    expect(causeRules.filter((id) => !ids.includes(id))).toEqual([]);
    expect(decidingTest(['idle-held'])).toBeNull();
  });
});
