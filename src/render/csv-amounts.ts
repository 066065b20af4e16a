import type { ReportCost, ReportGpuHours } from '../report/report.ts';
import { states } from '../usage/states.ts';

export const hourHeader: readonly string[] = [
  'billedGpuHours',
  'busyGpuHours',
  'effectiveLowGpuHours',
  'effectiveHighGpuHours',
  'basis',
  ...states.map((state) => `${state}GpuHours`),
];

export const costHeader: readonly string[] = [
  'currency',
  'billedCost',
  'wastedCost',
  'wastedLowCost',
  ...states.map((state) => `${state}Cost`),
];

export function hourCells(gpuHours: ReportGpuHours): (string | number)[] {
  const { billed, busy, effective, byState } = gpuHours;
  return [
    billed,
    busy,
    effective.low,
    effective.high,
    effective.basis,
    ...states.map((state) => byState[state]),
  ];
}

/** Empty cells without a rate. */
export function costCells(cost: ReportCost | null): (string | number)[] {
  if (cost === null) return costHeader.map(() => '');
  return [
    cost.currency,
    cost.billed,
    cost.wasted.estimate,
    cost.wasted.low,
    ...states.map((state) => cost.byState[state]),
  ];
}
