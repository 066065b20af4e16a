import type { KnownMachine, MachineMatch } from './known-machine.ts';

/** What a card's `match` is compared with. */
export interface MatchSubject {
  readonly machineType: string | null;
  readonly hostname: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The machine whose card's `match` holds in full; the one with most conditions where several do.
 * Null where none holds, or where several hold equally.
 */
export function matchCard(
  known: readonly KnownMachine[],
  subject: MatchSubject,
): { machine: KnownMachine; by: string } | null {
  const found = known
    .flatMap((machine) => {
      const held = machine.match === null ? null : heldConditions(machine.match, subject);
      return held === null ? [] : [{ machine, by: held.join(', '), count: held.length }];
    })
    .toSorted((a, b) => b.count - a.count);
  const [first, second] = found;
  return first === undefined || first.count === second?.count ? null : first;
}

/** The conditions in words if all hold and there is at least one; null otherwise. */
function heldConditions(match: MachineMatch, subject: MatchSubject): string[] | null {
  const { env } = subject;
  const conditions: [name: string, wanted: string | null, seen: string | null | undefined][] = [
    ['machine type', match.machineType, subject.machineType],
    ['host name', match.hostname, subject.hostname],
    ['Slurm cluster', match.slurmCluster, env['SLURM_CLUSTER_NAME']],
    ['Slurm partition', match.slurmPartition, env['SLURM_JOB_PARTITION']],
    ...Object.entries(match.env).map(([name, wanted]): [string, string, string | undefined] => [
      name,
      wanted,
      env[name],
    ]),
  ];
  const given = conditions.filter(([, wanted]) => wanted !== null);
  if (given.length === 0 || given.some(([, wanted, seen]) => wanted !== seen)) return null;
  return given.map(([name, wanted]) => `${name} ${wanted}`);
}
