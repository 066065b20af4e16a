import type { Finding, GpuSpec } from '../rules/rule.ts';
import { unionMs } from '../usage/span-union.ts';
import type { GpuUsage, MachineUsage, Phase } from '../usage/usage.ts';
import { type HostNeed, type HostSize, hostNeedOf } from './host-need.ts';
import type { Demand } from './slowdown.ts';

/** A stretch of work on one GPU. */
export interface Stretch {
  readonly ms: number;
  readonly demand: Demand;
}

/** What one GPU's work asked for. */
export interface WorkingGpu {
  readonly id: string;
  readonly stretches: readonly Stretch[];
  /** Highest memory in use anywhere in the recording. */
  readonly memoryPeakMib: number;
}

/** What a machine's work asked for: the measure of any other machine. */
export interface Need {
  readonly spec: GpuSpec;
  readonly gpus: readonly WorkingGpu[];
  readonly host: HostNeed;
  /** Time in which some GPU worked, and billed time beside it. */
  readonly workMs: number;
  readonly idleMs: number;
  /** What limits how far the answer can be trusted. */
  readonly notes: readonly string[];
}

export type NeedResult =
  | { readonly need: Need; readonly refused: null }
  | { readonly need: null; readonly refused: string };

interface SeenMachine {
  readonly usage: MachineUsage;
  readonly findings: readonly Finding[];
  /** Null where it was not recorded, as in logs. */
  readonly hostSize: HostSize | null;
}

/** Findings that leave the need unknown: what was measured is not what the work asks of a GPU. */
const refusals: Readonly<Record<string, string>> = {
  'io-bound': 'the GPU was starved by storage or network input',
  'cpu-bound-input': 'the GPU was starved by preprocessing on the CPU',
  'transfer-bound': 'the GPU waited for transfers over PCIe',
  'memory-oversubscribed': 'the job paged GPU memory, so how much it needs was not seen',
  'hung-collective': 'what looked like work was a hang',
  'undetermined-wait':
    'the GPU waited, and for what was not recorded (its input may starve it; `gpucost watch` on the host, or in a container with --pid=host, records what tells)',
};

const caveats: Readonly<Record<string, string>> = {
  'host-bound':
    'One thread of the host sets the pace: a smaller GPU hardly slows this work, a larger one hardly helps it.',
  throttled:
    'Heat or a power brake slowed this GPU: against one that is not slowed, others look too good.',
};

/**
 * What the machine's work asked of its GPUs, or why that can't be told: nothing worked, readings are missing, the GPU
 * is not in the table, or a finding says that what was seen is not the need.
 */
export function needOf(
  { usage, findings, hostSize }: SeenMachine,
  specOf: (gpu: GpuUsage) => GpuSpec | null,
): NeedResult {
  const refuse = (refused: string): NeedResult => ({ need: null, refused });
  const working = usage.gpus.filter((gpu) => gpu.phases.length > 0);
  if (usage.gpus.some(({ utilizationPct }) => utilizationPct === null)) {
    return refuse(
      'GPU utilization was not reported (so under MIG): what the work asks of the GPU is not known',
    );
  }
  const [first] = working;
  if (first === undefined) return refuse('no work was seen: there is nothing to carry elsewhere');
  const spec = specOf(first);
  if (spec === null) {
    return refuse(
      `the GPU table has no figures of a whole "${first.identity.name ?? 'unnamed GPU'}"`,
    );
  }
  if (working.some((gpu) => specOf(gpu)?.key !== spec.key)) {
    return refuse(
      'GPUs of several kinds worked together: which of them sets the pace is not known',
    );
  }
  const ids = new Set(working.map(({ identity }) => identity.id));
  const found = findings.filter(({ gpus }) => gpus.some((id) => ids.has(id)));
  // A cause that is named says more than a wait that is not.
  const reason = Object.entries(refusals).find(([id]) => found.some(({ rule }) => rule === id));
  if (reason !== undefined) return refuse(`${reason[1]}: what size it needs is not known`);

  const gpus = working.flatMap((gpu) => workOf(gpu));
  if (gpus.length < working.length) {
    return refuse('GPU memory in use was not recorded: what the work needs of it is not known');
  }
  const billedMs = usage.runs.reduce((sum, run) => sum + run.billedMs, 0);
  // The windows at the ends of a recording reach beyond it.
  const workMs = Math.min(billedMs, unionMs(working.flatMap(({ phases }) => phases)));
  return {
    refused: null,
    need: {
      spec,
      gpus,
      host: hostNeedOf(working, hostSize),
      workMs,
      idleMs: billedMs - workMs,
      notes: [...new Set(found.flatMap(({ rule }) => caveats[rule] ?? []))],
    },
  };
}

function workOf(gpu: GpuUsage): readonly WorkingGpu[] {
  if (gpu.memoryUsedMib === null) return [];
  const stretches = gpu.phases.map((phase) => ({
    ms: phase.endMs - phase.startMs,
    demand: demandOf(phase),
  }));
  return [{ id: gpu.identity.id, stretches, memoryPeakMib: gpu.memoryUsedMib.max }];
}

function demandOf(phase: Phase): Demand {
  const busyShare = phase.observedMs > 0 ? phase.busyMs / phase.observedMs : 1;
  return {
    busyShare,
    load: phase.smActivityShare ?? phase.load?.mean ?? null,
    dramActivity: phase.dramActivityShare,
    tensorActivity: phase.tensorActivityShare,
  };
}
