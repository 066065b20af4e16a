import type { RateCards } from '../rates/merge.ts';

/** What the rate cards tell of a machine, as far as it helps to recognise one. */
export interface KnownMachine {
  readonly provider: string;
  readonly type: string;
  readonly aliases: readonly string[];
  /** Key of the GPU table; null where GPUs are attached to order. */
  readonly gpuKey: string | null;
  readonly gpus: number | 'any' | 'attached' | null;
  /** Part of one physical GPU per device, 0–1; null where it can't be told (MIG). */
  readonly share: number | null;
  readonly vcpus: number | null;
  readonly memoryGib: number | null;
  readonly match: MachineMatch | null;
}

/** How a card's machine is recognised: exact, and all that is given must hold. */
export interface MachineMatch {
  readonly machineType: string | null;
  readonly hostname: string | null;
  readonly slurmCluster: string | null;
  readonly slurmPartition: string | null;
  readonly env: Readonly<Record<string, string>>;
}

/** The machines of all cards, in the cards' order. */
export function knownMachines(cards: RateCards): KnownMachine[] {
  return [...cards.values()].flatMap((card) =>
    [...card.machines.values()].map(({ type, facts }) => ({
      provider: card.provider,
      type,
      aliases: facts.aliases ?? [],
      gpuKey: facts.gpu ?? null,
      gpus: facts.gpus ?? null,
      share: shareOf(facts.share, facts.mig),
      vcpus: facts.vcpus ?? null,
      memoryGib: facts.memory_gib ?? null,
      match:
        facts.match === undefined
          ? null
          : {
              machineType: facts.match.machine_type ?? null,
              hostname: facts.match.hostname ?? null,
              slurmCluster: facts.match.slurm_cluster ?? null,
              slurmPartition: facts.match.slurm_partition ?? null,
              env: facts.match.env ?? {},
            },
    })),
  );
}

function shareOf(fraction: string | undefined, mig: string | undefined): number | null {
  if (fraction === undefined) return mig === undefined ? 1 : null;
  const [part, whole] = fraction.split('/').map(Number);
  return part === undefined || whole === undefined ? null : part / whole;
}
