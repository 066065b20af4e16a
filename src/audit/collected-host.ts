import { type HostColumn, hostColumns } from '../host/columns.ts';
import type { HeaderLine } from '../store/lines.ts';
import { noCuts } from '../usage/cuts.ts';
import { HolderTrack } from '../usage/holder-track.ts';
import { JobSignals } from '../usage/job-signals.ts';
import { MountWaits } from '../usage/mount-waits.ts';
import { SignalTrack } from '../usage/signals.ts';
import type { CollectedGpu, CollectedMachine } from './collect.ts';

/** What is known of a host that is being recorded. */
export type HostHeader = Pick<HeaderLine, 'startedAt' | 'host' | 'machine' | 'intervalMs' | 'gpus'>;

/** The machine of a session that is being recorded, as the audit takes it; its host's and jobs' signals are left out. */
export function collectedHost(
  { startedAt, host, machine, intervalMs }: Omit<HostHeader, 'gpus'>,
  gpus: readonly Pick<CollectedGpu, 'identity' | 'part'>[],
  nowMs: number,
): CollectedMachine {
  return {
    recordings: [],
    host,
    facts: machine,
    gpus: gpus.map(({ identity, part }) => ({
      identity,
      part,
      nominalMs: intervalMs,
      jobSignals: new JobSignals(),
      holders: new HolderTrack(),
      jobNames: [],
      waits: new MountWaits(),
      driverDown: [],
    })),
    hostSignals: new SignalTrack<HostColumn>(hostColumns),
    watched: [{ startMs: startedAt, endMs: nowMs }],
    cuts: noCuts,
    work: [],
    xids: [],
    intervalMs,
    warnings: [],
  };
}
