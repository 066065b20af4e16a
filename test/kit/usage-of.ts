import { Readable } from 'node:stream';
import { collect } from '../../src/audit/collect.ts';
import { closeMachine } from '../../src/audit/machine-usage.ts';
import { makeRuns } from '../../src/bill/runs.ts';
import { findGpu } from '../../src/rates/gpus.ts';
import { openLog } from '../../src/store/log/open-log.ts';
import type { LogOptions } from '../../src/store/log/options.ts';
import type { Recording } from '../../src/store/recording.ts';
import type { MachineUsage } from '../../src/usage/usage.ts';

/** The usage of the one machine that recordings hold, over the time that was watched. */
export async function usageOf(recordings: readonly Recording[]): Promise<MachineUsage> {
  const [machine] = await collect(recordings, { startMs: -Infinity, endMs: Infinity });
  if (!machine) throw new Error('no machine in the recordings');
  const { runs } = makeRuns(
    machine.watched.map((span) => ({ ...span, bootedAt: null, launchedAt: null })),
    {
      billedFrom: { from: 'start' },
      incrementMs: 1,
      minimumMs: 0,
      launchSurvivesStop: false,
      ongoing: false,
    },
  );
  const time = { runs, watched: machine.watched, chargedAlways: false, cuts: machine.cuts };
  return closeMachine('m1', machine, time, 0, ({ identity }) =>
    findGpu(identity.name ?? '', identity.memoryTotalMib),
  );
}

/** The usage of a log given as text. */
export async function usageOfLog(text: string, options: LogOptions = {}): Promise<MachineUsage> {
  return usageOf([
    await openLog({ name: 'test.csv', stream: Readable.from([Buffer.from(text)]) }, options),
  ]);
}
