import { sumOfCosts } from '../bill/cost.ts';
import { sumStateMs } from '../usage/accounts.ts';
import { type BasisMs, basisMs, splitBases } from '../usage/epoch.ts';
import type { Basis, GpuUsage } from '../usage/usage.ts';
import { hoursOf, toCost, toGpuHours } from './amounts.ts';
import type { AuditedMachine } from './build.ts';
import { type Host, type OwnerKind, ownerName, restNames } from './owner-names.ts';
import type { Report } from './report.ts';
import { type CellShare, restKeys, splitCell } from './split-cell.ts';

type GroupRow = NonNullable<Report['groups']>['rows'][number];

interface Group {
  readonly name: string;
  readonly isOwner: boolean;
  readonly currency: string | null;
  readonly shares: Omit<CellShare, 'key'>[];
  readonly bases: Set<Basis>;
  readonly gpus: Set<string>;
  splitBy: BasisMs;
  startMs: number;
  endMs: number;
}

/**
 * Splits each GPU's time and money among processes, users, containers or jobs, the dearest first and what is nobody's
 * last. The rows add up to the report's totals, state by state. GPUs without a process list stay whole, with a warning.
 */
export function ownerRows(
  machines: readonly AuditedMachine[],
  by: OwnerKind,
  idOf: (machine: AuditedMachine, gpu: string) => string,
): { readonly rows: readonly GroupRow[]; readonly warnings: Report['warnings'] } {
  const groups = new Map<string, Group>();
  const group = (m: AuditedMachine, key: string, name: string, isOwner: boolean): Group => {
    const currency = m.bill?.currency ?? null;
    const place = `${currency ?? ''} ${key}`;
    const known = groups.get(place) ?? newGroup(name, isOwner, currency);
    groups.set(place, known);
    return known;
  };

  for (const m of machines) {
    const host = hostOf(m, machines.length);
    for (const gpu of m.usage.gpus) {
      const id = idOf(m, gpu.identity.id);
      const money = m.bill?.gpus.get(gpu.identity.id) ?? null;
      if (gpu.attribution === null) {
        const name = deviceName(m, gpu);
        const whole = group(m, `rest: ${m.usage.id} ${id}`, name, false);
        whole.shares.push({ usage: gpu.total, cost: money?.total ?? null });
        note(whole, gpu, id);
        continue;
      }
      const names = new Map<string, { name: string; isOwner: boolean }>();
      const { cells: claimsOf, uses } = gpu.attribution;
      gpu.cells.forEach((cell, i) => {
        const claims = claimsOf[i] ?? [];
        const shares = splitCell(cell, money?.cells[i] ?? null, claims, (holder) => {
          const { key, ...named } = ownerName(holder, by, host);
          names.set(key, named);
          return key;
        });
        for (const { key, usage, cost } of shares) {
          if (usage.billedMs === 0 && (cost?.billedMicros ?? 0n) === 0n) continue;
          const { name, isOwner } = names.get(key) ?? {
            name: restNames[key] ?? key,
            isOwner: false,
          };
          const owner = group(m, key, name, isOwner);
          owner.shares.push({ usage, cost });
          note(owner, gpu, id);
        }
        for (const { holder, byBasis } of claims) {
          const { key, name, isOwner } = ownerName(holder, by, host);
          if (isOwner) addBases(group(m, key, name, isOwner), byBasis);
        }
      });
      for (const { holder, startMs, endMs } of uses) {
        const { key } = ownerName(holder, by, host);
        const seen = groups.get(`${m.bill?.currency ?? ''} ${key}`);
        if (!seen) continue;
        seen.startMs = Math.min(seen.startMs, startMs);
        seen.endMs = Math.max(seen.endMs, endMs);
      }
    }
    if (m.usage.hiddenGpus > 0) {
      const hidden = group(m, restKeys.hiddenGpus, restNames[restKeys.hiddenGpus] ?? '', false);
      hidden.shares.push({ usage: m.usage.hidden, cost: m.bill?.hidden ?? null });
    }
  }
  const rows = [...groups.values()].filter(({ shares }) => shares.length > 0).map(toRow);
  return { rows: rows.toSorted(byWorth), warnings: machines.flatMap((m) => unknownWarning(m, by)) };
}

function hostOf(m: AuditedMachine, count: number): Host {
  return { id: m.usage.id, prefix: count > 1 ? `${m.host ?? m.usage.id}: ` : '' };
}

function deviceName(m: AuditedMachine, { identity }: GpuUsage): string {
  return `${m.host ?? m.usage.id} GPU ${identity.index ?? identity.id}, processes not known`;
}

function unknownWarning(m: AuditedMachine, by: OwnerKind): Report['warnings'] {
  const dark = m.usage.gpus.filter((gpu) => gpu.attribution === null);
  if (dark.length === 0) return [];
  const which =
    dark.length === m.usage.gpus.length ? 'its GPUs stay' : `${dark.length} of its GPUs stay`;
  const isLog = m.sources.every(({ kind }) => kind === 'nvidia-smi-csv');
  const why = isLog
    ? 'an nvidia-smi log names no processes; record with `gpucost watch`'
    : 'no process list was recorded, or its pids are of a foreign PID namespace; run `gpucost watch` on the host, or in a container with --pid=host';
  return [
    {
      code: 'owners-unknown',
      message: `${m.host ?? m.usage.id} can't be split by ${by}, ${which} whole: ${why}.`,
    },
  ];
}

function newGroup(name: string, isOwner: boolean, currency: string | null): Group {
  return {
    name,
    isOwner,
    currency,
    shares: [],
    bases: new Set(),
    gpus: new Set(),
    splitBy: basisMs('alone', 0),
    startMs: Infinity,
    endMs: -Infinity,
  };
}

function note(group: Group, gpu: GpuUsage, id: string): void {
  group.gpus.add(id);
  group.bases.add(gpu.basis);
}

function addBases(group: Group, byBasis: Readonly<BasisMs>): void {
  const sum = { ...group.splitBy };
  for (const basis of splitBases) sum[basis] += byBasis[basis];
  const owner = group;
  owner.splitBy = sum;
}

function toRow(group: Group): GroupRow {
  const usage = sumStateMs(group.shares.map((share) => share.usage));
  const costs = group.shares.flatMap(({ cost }) => cost ?? []);
  const [basis = 'utilization'] = group.bases;
  const { isOwner, splitBy, startMs, endMs, currency } = group;
  return {
    name: group.name,
    gpuHours: toGpuHours(usage, group.bases.size > 1 ? 'mixed' : basis),
    cost: currency === null ? null : toCost(currency, sumOfCosts(costs), usage),
    kind: isOwner ? 'owner' : 'unowned',
    gpus: [...group.gpus],
    start: isOwner && Number.isFinite(startMs) ? new Date(startMs).toISOString() : null,
    end: isOwner && Number.isFinite(endMs) ? new Date(endMs).toISOString() : null,
    splitBy: isOwner
      ? {
          alone: hoursOf(splitBy.alone),
          smUtilization: hoursOf(splitBy.smUtilization),
          memory: hoursOf(splitBy.memory),
          equal: hoursOf(splitBy.equal),
        }
      : null,
  };
}

function byWorth(a: GroupRow, b: GroupRow): number {
  if (a.kind !== b.kind) return a.kind === 'owner' ? -1 : 1;
  const [first, second] = [a.cost?.currency ?? '', b.cost?.currency ?? ''];
  // Amounts of two currencies have no order.
  if (first !== second) return first < second ? -1 : 1;
  return (
    (b.cost?.billed ?? 0) - (a.cost?.billed ?? 0) ||
    b.gpuHours.billed - a.gpuHours.billed ||
    (a.name < b.name ? -1 : 1)
  );
}
