import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { imbalance } from '../../src/rules/imbalance.ts';
import { judge } from '../../src/rules/run.ts';
import { openLog } from '../../src/store/log/open-log.ts';
import type { Recording } from '../../src/store/recording.ts';
import { readLabelledTrace, toNvidiaSmiLog } from '../kit/labelled-trace.ts';
import { anOwner } from '../kit/owners.ts';
import { hasShared } from '../kit/shared.ts';
import { testRule } from '../kit/test-rule.ts';
import { aGpu, type Work } from '../kit/usage-builder.ts';
import { usageOf } from '../kit/usage-of.ts';

/** A GPU of a job at even work, and another one beside it. */
const pair = (own: Work, others: Work, time = '10m') => ({
  gpu: aGpu(0).busy('30m').busy(time, own).busy('30m').job('a'),
  others: [aGpu(1).busy('30m').busy(time, others).busy('30m').job('a')],
});

/** Even in utilization, different in power by so many watts. */
const watts = (less: number) => ({
  gpu: aGpu(0)
    .busy('1h', { watts: 600 - less })
    .job('a'),
  others: [aGpu(1).busy('1h', { watts: 600 }).job('a')],
});

const slow: Work = { utilization: 60 };

testRule(imbalance, {
  detected: [
    { name: 'one of two is behind by 40 points', ...pair(slow, { utilization: 100 }) },
    { name: 'all are busy, one draws half', ...watts(300) },
    {
      name: 'a pair of GPUs is behind another pair of the job',
      gpu: aGpu(0).busy('1h', { utilization: 30 }).job('a'),
      others: [
        aGpu(1).busy('1h', { utilization: 30 }).job('a'),
        aGpu(2).busy('1h').job('a'),
        aGpu(3).busy('1h').job('a'),
      ],
    },
  ],
  clear: [
    { name: 'equal', ...pair({}, {}) },
    { name: 'the busiest of its job', ...pair({ utilization: 100 }, slow) },
    { name: 'pipeline stages at 418 and 482 W', ...watts(64) },
    {
      name: 'of two jobs, each even',
      gpu: aGpu(0).busy('1h', slow).job('a'),
      others: [aGpu(1).busy('1h').job('b')],
    },
    {
      name: 'of two trees',
      gpu: aGpu(0).busy('1h', slow).job('a', { isWhole: false, tree: 'tree 1 1' }),
      others: [aGpu(1).busy('1h').job('b', { isWhole: false, tree: 'tree 2 2' })],
    },
    {
      name: 'shared with another job: its part is not known',
      gpu: aGpu(0).busy('1h', slow).job('a', { shared: true }),
      others: [aGpu(1).busy('1h').job('a')],
    },
    {
      name: 'held and never used, which is idle-held',
      gpu: aGpu(0).idle('1h', { heldMib: 9000 }).job('a'),
      others: [aGpu(1).busy('1h').job('a')],
    },
    { name: 'one GPU', gpu: aGpu(0).busy('1h', slow).job('a') },
  ],
  notJudged: [
    {
      name: 'no process list',
      gpu: aGpu(0).busy('1h', slow),
      others: [aGpu(1).busy('1h')],
    },
    {
      name: 'of one tree, but nothing says that they are ranks',
      gpu: aGpu(0).busy('1h', slow).job('a', { isWhole: false, tree: 'tree 1 1' }),
      others: [aGpu(1).busy('1h').job('b', { isWhole: false, tree: 'tree 1 1' })],
    },
    {
      name: 'what was launched together is not known',
      gpu: aGpu(0).busy('1h', slow).job('a', { isWhole: false }),
      others: [aGpu(1).busy('1h').job('b', { isWhole: false })],
    },
  ],
  edges: {
    spread: [
      pair({ utilization: 80 }, { utilization: 100 }),
      pair({ utilization: 80.5 }, { utilization: 100 }),
    ],
    powerSpread: [watts(140), watts(139)],
    lagFor: [pair(slow, { utilization: 100 }, '60s'), pair(slow, { utilization: 100 }, '55s')],
  },
});

/** The recording with a process on each GPU, launched by the process that `launcherOf` names. */
function withProcesses(recording: Recording, launcherOf: (gpu: number) => number): Recording {
  return {
    ...recording,
    async *items() {
      for await (const item of recording.items()) {
        yield item;
        if (item.kind !== 'gpus') continue;
        const processes = item.gpus.map((_, gpu) => {
          const pid = launcherOf(gpu);
          const launcher = { pid, startTicks: pid, name: 'torchrun' };
          const owner = anOwner({ startTicks: 100 + gpu, launcher });
          return { gpu, pid: 100 + gpu, name: 'python3', memoryMib: 1000, owner };
        });
        yield { kind: 'processes', timeMs: 0, visible: true, processes };
      }
    },
  };
}

describe.skipIf(!hasShared)('inference on four GPUs beside training on four', () => {
  const behind = async (launcherOf: (index: number) => number) => {
    const text = toNvidiaSmiLog(readLabelledTrace('e2'), 1000);
    const stream = Readable.from([Buffer.from(text)]);
    const log = await openLog({ name: 'e2.csv', stream }, {});
    const usage = await usageOf([withProcesses(log, launcherOf)]);
    const facts = () => ({ spec: null, intervalMs: 1000 });
    const { findings, notJudged, failed } = judge(usage, facts, {}, [imbalance]);
    for (const { error } of failed) throw error;
    expect(notJudged).toEqual([]);
    return findings.flatMap(({ gpus }) =>
      gpus.map((id) => usage.gpus.find(({ identity }) => identity.id === id)?.identity.index),
    );
  };

  test('is imbalance where one job holds all eight', async () => {
    const gpus = await behind(() => 1);
    expect(gpus.length).toBeGreaterThan(0);
    expect(gpus.every((index) => (index ?? 9) < 4)).toBe(true);
  });

  test('and none where each half is a job', async () => {
    expect(await behind((index) => (index < 4 ? 1 : 2))).toEqual([]);
  });
});
