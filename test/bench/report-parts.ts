import { join } from 'node:path';
import { collect } from '../../src/audit/collect.ts';
import { closeMachine } from '../../src/audit/machine-usage.ts';
import { timelinesOf } from '../../src/report/timeline.ts';
import { rules } from '../../src/rules/index.ts';
import { judge } from '../../src/rules/run.ts';
import { openSession } from '../../src/store/open.ts';
import { findStalls } from '../../src/usage/stalls.ts';
import { findStarts } from '../../src/usage/starts.ts';
import { writeSyntheticSession } from '../kit/synthetic-session.ts';

/** What timeline and rules add to reading a session of 8 GPUs × 7 days and closing its accounts (budget 50 %); one process, so that the ratio holds on a busy machine. */
export async function reportParts(folder: string): Promise<void> {
  console.log('timeline and rules, session of 8 GPUs × 7 d at 1 Hz');
  const { path } = writeSyntheticSession(join(folder, 'home-parts'), { gpus: 8, hours: 168 });
  const started = process.cpuUsage();
  const spentS = () => {
    const { user, system } = process.cpuUsage(started);
    return (user + system) / 1e6;
  };
  const recordings = [await openSession(path)];
  const [machine] = await collect(recordings, { startMs: -Infinity, endMs: Infinity });
  if (!machine) throw new Error('no machine in the session');
  const [span] = machine.watched;
  if (!span) throw new Error('nobody watched');
  const run = { ...span, fullStartMs: span.startMs, startedBy: 'start' as const };
  const runs = [{ ...run, billedMs: span.endMs - span.startMs }];
  const time = { runs, watched: machine.watched, chargedAlways: false, cuts: machine.cuts };
  const usage = closeMachine('m1', machine, time, 0, () => null);
  const readS = spentS();
  const none = { host: null, job: null, jobNames: [], waits: null };
  for (const gpu of usage.gpus) {
    findStarts(gpu.windows, gpu.phases, [], none);
    findStalls(gpu.windows, gpu.phases, gpu.nominalMs, none);
    timelinesOf(gpu.identity.id, gpu);
  }
  const timelineS = spentS() - readS;
  judge(usage, () => ({ spec: null, intervalMs: 1_000 }), {}, rules);
  const rulesS = spentS() - readS - timelineS;
  console.log(
    `  read and closed ${readS.toFixed(2)} s CPU, timeline ${timelineS.toFixed(3)} s, rules ${rulesS.toFixed(3)} s: ${((100 * (timelineS + rulesS)) / readS).toFixed(1)} % more`,
  );
}
