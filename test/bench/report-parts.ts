import { join } from 'node:path';
import { collect } from '../../src/audit/collect.ts';
import { closeMachine } from '../../src/audit/machine-usage.ts';
import { timelinesOf } from '../../src/report/timeline.ts';
import { rules } from '../../src/rules/index.ts';
import { judge } from '../../src/rules/run.ts';
import { openSession } from '../../src/store/open.ts';
import type { Recording, RecordingItem } from '../../src/store/recording.ts';
import { findStalls } from '../../src/usage/stalls.ts';
import { findStarts } from '../../src/usage/starts.ts';
import type { MachineUsage } from '../../src/usage/usage.ts';
import { writeSyntheticSession } from '../kit/synthetic-session.ts';
import { medianRun, runNode, show } from './measure.ts';

/** What timeline and rules (budget 50 %) and owners of GPU time add to reading a session of 8 GPUs × 7 days and closing its accounts; one process, so that the ratios hold on a busy machine. */
export async function reportParts(folder: string): Promise<void> {
  console.log('timeline and rules, session of 8 GPUs × 7 d at 1 Hz');
  const { path } = writeSyntheticSession(join(folder, 'home-parts'), { gpus: 8, hours: 168 });
  const read = await readAndClose(await openSession(path));
  const startedS = cpuS();
  const none = { host: null, job: null, jobNames: [], waits: null };
  for (const gpu of read.usage.gpus) {
    findStarts(gpu.windows, gpu.phases, [], none);
    findStalls(gpu.windows, gpu.phases, gpu.nominalMs, none);
    timelinesOf(gpu.identity.id, gpu);
  }
  const timelineS = cpuS() - startedS;
  judge(read.usage, () => ({ spec: null, intervalMs: 1_000 }), {}, rules);
  const rulesS = cpuS() - startedS - timelineS;
  console.log(
    `  read and closed ${read.cpuS.toFixed(2)} s CPU, timeline ${timelineS.toFixed(3)} s, rules ${rulesS.toFixed(3)} s: ${more(timelineS + rulesS, read.cpuS)}`,
  );
  await owners(folder);
}

/** Two processes a GPU, listed every ten seconds, with owners and SM shares: the most that owners can cost. */
async function owners(folder: string): Promise<void> {
  console.log('owners, the same with two processes a GPU, listed every 10 s');
  const home = join(folder, 'home-owners');
  const { path } = writeSyntheticSession(home, { gpus: 8, hours: 168, isShared: true });
  const [withS, withoutS] = [[] as number[], [] as number[]];
  for (let round = 0; round < 3; round++) {
    withoutS.push((await readAndClose(withoutLists(await openSession(path)))).cpuS);
    withS.push((await readAndClose(await openSession(path))).cpuS);
  }
  const [least, leastWithout] = [Math.min(...withS), Math.min(...withoutS)];
  console.log(
    `  read and closed ${leastWithout.toFixed(2)} s CPU without lists, ${least.toFixed(2)} s with: ${more(least - leastWithout, leastWithout)}`,
  );
  for (const by of [[], ['--by', 'user']]) {
    const args = [
      'bin/gpucost.js',
      'report',
      path,
      '--machine',
      'aws/p5.48xlarge',
      '--json',
      ...by,
    ];
    show(`report ${by.join(' ')}`, await medianRun(3, () => runNode(args)));
  }
}

async function readAndClose(
  recording: Recording,
): Promise<{ readonly usage: MachineUsage; readonly cpuS: number }> {
  const startedS = cpuS();
  const [machine] = await collect([recording], { startMs: -Infinity, endMs: Infinity });
  if (!machine) throw new Error('no machine in the session');
  const [span] = machine.watched;
  if (!span) throw new Error('nobody watched');
  const run = { ...span, fullStartMs: span.startMs, startedBy: 'start' as const };
  const runs = [{ ...run, billedMs: span.endMs - span.startMs }];
  const time = { runs, watched: machine.watched, chargedAlways: false, cuts: machine.cuts };
  const usage = closeMachine('m1', machine, time, 0, () => null);
  return { usage, cpuS: cpuS() - startedS };
}

function withoutLists(recording: Recording): Recording {
  return {
    ...recording,
    async *items(): AsyncGenerator<RecordingItem> {
      for await (const item of recording.items()) {
        if (item.kind !== 'processes' && item.kind !== 'shares') yield item;
      }
    },
  };
}

function cpuS(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function more(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)} % more`;
}
