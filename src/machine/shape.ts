import type { Candidate } from './clue.ts';
import type { KnownMachine } from './known-machine.ts';

/** What can be seen of the machine from here; null where it is not known. */
export interface Shape {
  readonly gpus: readonly SeenGpus[];
  readonly vcpus: number | null;
  readonly memoryGib: number | null;
}

interface SeenGpus {
  /** Key of the GPU table; null for a GPU that it does not hold. */
  readonly key: string | null;
  /** Part of one physical GPU (vGPU, MIG), 0–1; null where it is not known. */
  readonly share: number | null;
  readonly count: number;
}

export interface ShapeMatch {
  readonly chosen: KnownMachine | null;
  readonly candidates: readonly Candidate[];
  readonly says: string;
}

/** Kernels show less memory than the provider sells (firmware, crash kernel), and some lists say GB for GiB. */
const memoryTolerance = 0.1;

const shareTolerance = 0.1;

/**
 * Platforms whose containers run on hosts of many kinds: what the kernel shows of CPUs and memory is the host's,
 * or differs from one session to the next, so that only GPUs are compared.
 */
const anyHost: ReadonlySet<string> = new Set(['colab', 'kaggle', 'runpod', 'vast']);

/**
 * Finds machines by GPU model and count, vCPUs and memory. Where the provider is not known, one is chosen only if
 * it is the only full match of all cards; where it is known, if it is the only one that nothing speaks against.
 * Machines with more GPUs than are seen are candidates too: a container may see a part. They are never chosen.
 */
export function matchShape(
  shape: Shape,
  known: readonly KnownMachine[],
  provider: string | null,
): ShapeMatch {
  const [gpu, other] = shape.gpus;
  if (gpu === undefined) return nothing('no GPU to go by');
  if (other !== undefined) return nothing('GPUs of several models: no card has such a machine');
  if (gpu.key === null) return nothing('a GPU that the GPU table does not hold');

  const fits = known
    .filter((machine) => provider === null || machine.provider === provider)
    .flatMap((machine) => compare(machine, gpu, shape))
    .toSorted((a, b) => a.weight - b.weight);
  const chosen = onlyOne(
    provider === null ? fits.filter((fit) => fit.isFull) : fits.filter((fit) => !fit.isAgainst),
  );
  const seen = `${gpu.count} × ${gpu.key}, ${shape.vcpus ?? 'unknown'} vCPUs, ${
    shape.memoryGib === null ? 'unknown memory' : `${Math.round(shape.memoryGib)} GiB`
  }`;
  return {
    chosen: chosen?.machine ?? null,
    candidates: fits.map(({ machine, differs }) => ({
      provider: machine.provider,
      type: machine.type,
      differs,
    })),
    says: `${seen}: ${verdict(fits.length, chosen?.machine ?? null, provider)}`,
  };
}

interface Fit {
  readonly machine: KnownMachine;
  readonly differs: readonly string[];
  /** GPUs, vCPUs and memory were all compared and are the same. */
  readonly isFull: boolean;
  /** Something was compared and differs. */
  readonly isAgainst: boolean;
  /** Sorts better fits first. */
  readonly weight: number;
}

function compare(machine: KnownMachine, gpu: SeenGpus, shape: Shape): Fit[] {
  if (machine.gpuKey !== gpu.key || machine.gpus === null || machine.gpus === 'attached') return [];
  if (machine.gpus !== 'any' && machine.gpus < gpu.count) return [];
  if (!sameShare(machine.share, gpu.share)) return [];

  const against: string[] = [];
  const unknown: string[] = [];
  if (machine.gpus !== 'any' && machine.gpus > gpu.count) against.push(`${machine.gpus} GPUs`);
  if (!anyHost.has(machine.provider) && machine.gpus !== 'any') {
    if (machine.vcpus === null || shape.vcpus === null) unknown.push('vCPUs not known');
    else if (machine.vcpus !== shape.vcpus) against.push(`${machine.vcpus} vCPUs`);

    if (machine.memoryGib === null || shape.memoryGib === null) unknown.push('memory not known');
    else if (Math.abs(shape.memoryGib / machine.memoryGib - 1) > memoryTolerance) {
      against.push(`${machine.memoryGib} GiB`);
    }
  }
  return [
    {
      machine,
      differs: [...against, ...unknown],
      isFull: against.length + unknown.length === 0 && machine.gpus !== 'any',
      isAgainst: against.length > 0,
      weight: 10 * against.length + unknown.length,
    },
  ];
}

function sameShare(sold: number | null, seen: number | null): boolean {
  return sold === null || seen === null || Math.abs(seen / sold - 1) <= shareTolerance;
}

function onlyOne(fits: readonly Fit[]): Fit | null {
  const [first, second] = fits;
  return first === undefined || second !== undefined ? null : first;
}

function verdict(count: number, chosen: KnownMachine | null, provider: string | null): string {
  const where = provider === null ? 'of all cards' : `of ${provider}`;
  if (chosen !== null) return `only ${chosen.provider}/${chosen.type} ${where} is like that`;
  if (count === 0) return `no machine ${where} is like that`;
  return `${count} ${count === 1 ? 'machine' : 'machines'} ${where} could be it, none for certain`;
}

function nothing(says: string): ShapeMatch {
  return { chosen: null, candidates: [], says };
}
