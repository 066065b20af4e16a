import {
  accountGpu,
  accountHidden,
  emptyStateMs,
  type MachineTime,
  sumStateMs,
} from '../usage/accounts.ts';
import { Divider, jobSpans } from '../usage/attribution.ts';
import { closeGpu, type PowerFacts } from '../usage/close.ts';
import { findPhases } from '../usage/phases.ts';
import { findStalls } from '../usage/stalls.ts';
import { findStarts } from '../usage/starts.ts';
import type { GpuUsage, MachineUsage } from '../usage/usage.ts';
import type { CollectedGpu, CollectedMachine } from './collect.ts';

/** Closes what was collected of a machine over its billed runs; its time is divided among processes only where `isSplit`. */
export function closeMachine(
  id: string,
  machine: CollectedMachine,
  time: MachineTime,
  hiddenGpus: number,
  powerFactsOf: (gpu: CollectedGpu) => PowerFacts | null,
  isSplit = true,
): MachineUsage & { readonly memoryUnknown: readonly string[]; readonly dropped: number } {
  const memoryUnknown: string[] = [];
  let dropped = 0;
  const commandsMs = machine.recordings
    .filter(({ recording }) => recording.wrapsCommand)
    .map(({ startMs }) => startMs);
  const gpus = machine.gpus.map((gpu): GpuUsage => {
    const { identity } = gpu;
    const tally = gpu.part.finish();
    const untilMs = time.watched.at(-1)?.endMs ?? -Infinity;
    const isDivided = isSplit && gpu.holders.isVisible;
    const divider = isDivided ? new Divider(gpu.holders.epochs(untilMs)) : null;
    const closed = closeGpu(tally, identity, powerFactsOf(gpu), divider?.add.bind(divider));
    const neverReported = !tally.hasUtilization;
    const { firstStartMs } = tally;
    const cells = accountGpu(
      { cells: closed.cells, firstStartMs, neverReported, driverDown: gpu.driverDown },
      time,
    );
    if (closed.memoryUnknown && !neverReported) memoryUnknown.push(identity.id);
    dropped += tally.dropped;
    const { windows } = closed;
    const signals = {
      host: machine.hostSignals,
      job: gpu.jobSignals,
      jobNames: gpu.jobNames,
      waits: gpu.waits,
    };
    const phases = findPhases(windows, signals);
    return {
      identity,
      nominalMs: gpu.nominalMs,
      samples: tally.samples,
      total: sumStateMs(cells),
      cells,
      basis: closed.basis,
      powerFloorW: closed.powerFloorW,
      powerReferenceW: closed.powerReferenceW,
      utilizationPct: tally.utilization.distribution(),
      memoryUsedMib:
        tally.memoryMs > 0
          ? { mean: tally.memoryMibMs / tally.memoryMs, max: tally.memoryPeakMib }
          : null,
      powerW:
        tally.powerMs > 0
          ? { mean: tally.powerDwMs / 10 / tally.powerMs, max: tally.powerPeakW }
          : null,
      idleStretches: closed.idleStretches,
      phases,
      starts: findStarts(windows, phases, commandsMs, signals),
      stalls: findStalls(windows, phases, gpu.nominalMs, signals),
      windows,
      loaded: tally.loaded.result(),
      eccErrors: tally.eccErrors >= 0 ? tally.eccErrors : null,
      jobs: jobSpans(gpu.holders, untilMs),
      attribution: divider && {
        uses: gpu.holders.uses,
        cells: divider.cells(cells, time.cuts),
      },
      maxComputeProcesses: tally.maxComputeProcesses >= 0 ? tally.maxComputeProcesses : null,
    };
  });
  const hiddenCells = accountHidden(hiddenGpus, time);
  return {
    id,
    gpus,
    runs: time.runs,
    hiddenGpus,
    hidden: hiddenCells.length > 0 ? sumStateMs(hiddenCells) : emptyStateMs(),
    hiddenCells,
    memoryUnknown,
    dropped,
  };
}
