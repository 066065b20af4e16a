import { sumStateMs } from '../usage/accounts.ts';
import type { Basis, GpuUsage } from '../usage/usage.ts';
import { toCost, toGpuHours } from './amounts.ts';
import type { AuditedMachine } from './build.ts';
import type { OwnerKind } from './owner-names.ts';
import { ownerRows } from './owner-rows.ts';
import type { Report } from './report.ts';

/** What a report can be grouped by (`--by`). */
export const groupings = ['gpu', 'process', 'user', 'container', 'job', 'host'] as const;

export type GroupBy = (typeof groupings)[number];

interface Groups {
  readonly rows: NonNullable<Report['groups']>['rows'];
  readonly warnings: Report['warnings'];
}

/** The rows of a grouping and what is to be known of them. */
export function groupsOf(
  machines: readonly AuditedMachine[],
  by: GroupBy,
  idOf: (machine: AuditedMachine, gpu: string) => string,
): Groups {
  if (by === 'gpu' || by === 'host') return { rows: groupRows(machines, by), warnings: [] };
  const owners: OwnerKind = by;
  const { rows, warnings } = ownerRows(machines, owners, idOf);
  return { rows: [...rows], warnings };
}

function groupRows(
  machines: readonly AuditedMachine[],
  by: 'gpu' | 'host',
): NonNullable<Report['groups']>['rows'] {
  return machines.flatMap((m) => {
    const currency = m.bill?.currency;
    const whole = {
      name: m.host ?? m.usage.id,
      usage: sumStateMs([...m.usage.gpus.map((g) => g.total), m.usage.hidden]),
      cost: m.bill?.total,
      basis: basisOf(m.usage.gpus),
    };
    const gpus = m.usage.gpus.map((g) => ({
      name: `${m.host ?? m.usage.id} GPU ${g.identity.index ?? g.identity.id}`,
      usage: g.total,
      cost: m.bill?.gpus.get(g.identity.id)?.total,
      basis: g.basis,
    }));
    const hidden = {
      name: `${m.host ?? m.usage.id} hidden GPUs`,
      usage: m.usage.hidden,
      cost: m.bill?.hidden,
      basis: 'utilization' as const,
    };
    const rows = by === 'host' ? [whole] : m.usage.hiddenGpus > 0 ? [...gpus, hidden] : gpus;
    return rows.map(({ name, usage, cost, basis }) => ({
      name,
      gpuHours: toGpuHours(usage, basis),
      cost: currency && cost ? toCost(currency, cost, usage) : null,
    }));
  });
}

/** One basis for several GPUs; those that did no work have no say. */
export function basisOf(gpus: readonly GpuUsage[]): Basis | 'mixed' {
  const bases = new Set(gpus.filter((g) => g.total.busyMs > 0).map((g) => g.basis));
  const [only] = bases;
  if (bases.size > 1) return 'mixed';
  return only ?? gpus[0]?.basis ?? 'utilization';
}
