import { describe, expect, test } from 'vitest';
import { rules } from '../../src/rules/index.ts';
import { judge } from '../../src/rules/run.ts';
import { type Configuration, readSweep, toSteadyLog } from '../kit/batch-sweep.ts';
import { hasShared } from '../kit/shared.ts';
import { usageOfLog } from '../kit/usage-of.ts';

const nameOf = ({ job, batch }: Configuration) => `${job}, batch ${batch}`;

describe.skipIf(!hasShared)('a batch sweep on a card of 12 GB', () => {
  test('memory-oversubscribed is found where throughput collapsed, and nowhere else', async () => {
    const sweep = readSweep('4070');
    const collapsed = sweep.filter((configuration) => configuration.collapsed);
    expect(collapsed).toHaveLength(8);
    const found = new Map<string, readonly string[]>();
    for (const configuration of sweep) {
      const usage = await usageOfLog(toSteadyLog(configuration));
      const { findings } = judge(
        usage,
        (gpu) => ({ spec: null, intervalMs: gpu.nominalMs }),
        {},
        rules,
      );
      found.set(
        nameOf(configuration),
        findings.map(({ rule }) => rule),
      );
    }
    const paging = [...found].filter(([, ids]) => ids.includes('memory-oversubscribed'));
    expect(paging.map(([name]) => name).sort()).toEqual(collapsed.map(nameOf).sort());
    for (const [, ids] of paging) expect(ids).toEqual(['memory-oversubscribed']);
  }, 120_000);
});
