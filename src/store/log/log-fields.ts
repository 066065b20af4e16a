import { type Field, fieldOfHeader, headerName } from '../../sample/fields.ts';

/** Columns that logs have and live sampling does not ask for. */
export type LogOnly = 'count' | 'memory.free' | 'memory.reserved';

export type LogField =
  | { readonly kind: 'field'; readonly field: Field; readonly byAlias: boolean }
  | { readonly kind: 'log-only'; readonly name: LogOnly };

/**
 * Spellings of home-made loggers, each of which can mean one nvidia-smi field only, in lower case.
 * Seen in public logs; names whose unit or meaning varies (`memory`, `util`, `gpu_load`) are left out.
 */
const homeMade: ReadonlyMap<string, string> = new Map([
  ['time', 'timestamp'],
  ['datetime', 'timestamp'],
  ['gpu', 'index'],
  ['gpu_id', 'index'],
  ['gpu_index', 'index'],
  ['gpu_idx', 'index'],
  ['uuid', 'uuid'],
  ['gpu_model', 'name'],
  ['bus_id', 'pci.bus_id'],
  ['pci_bus_id', 'pci.bus_id'],
  ['gpu_util', 'utilization.gpu'],
  ['gpu_util_pct', 'utilization.gpu'],
  ['gpu_util_percent', 'utilization.gpu'],
  ['gpu_utilization', 'utilization.gpu'],
  ['gpu_utilization_pct', 'utilization.gpu'],
  ['gpu_utilization_percent', 'utilization.gpu'],
  ['utilization_gpu', 'utilization.gpu'],
  ['utilization_gpu_pct', 'utilization.gpu'],
  ['utilization_gpu_percent', 'utilization.gpu'],
  ['mem_util_pct', 'utilization.memory'],
  ['utilization_memory', 'utilization.memory'],
  ['utilization_memory_percent', 'utilization.memory'],
  ['mem_used_mib', 'memory.used'],
  ['memory_used', 'memory.used'],
  ['memory_used_mib', 'memory.used'],
  ['mem_total_mib', 'memory.total'],
  ['memory_total', 'memory.total'],
  ['memory_total_mib', 'memory.total'],
  ['power_draw', 'power.draw'],
  ['power_draw_w', 'power.draw'],
  ['power_w', 'power.draw'],
  ['power_watts', 'power.draw'],
  ['power_limit', 'power.limit'],
  ['power_limit_w', 'power.limit'],
  ['clocks_sm', 'clocks.current.sm'],
  ['sm_clock_mhz', 'clocks.current.sm'],
  ['temp_c', 'temperature.gpu'],
  ['temperature_c', 'temperature.gpu'],
  ['temperature_gpu', 'temperature.gpu'],
]);

/** What a header cell or an entry of `--fields` names; null for a column that gpucost has no use for. */
export function logFieldOf(cell: string): LogField | null {
  const name = headerName(cell);
  const field = fieldOfHeader(name);
  if (field !== undefined) return { kind: 'field', field, byAlias: false };
  if (name === 'count' || name === 'memory.free' || name === 'memory.reserved') {
    return { kind: 'log-only', name };
  }
  const standard = homeMade.get(name.toLowerCase());
  const meant = standard === undefined ? undefined : fieldOfHeader(standard);
  return meant === undefined ? null : { kind: 'field', field: meant, byAlias: true };
}

/** True for a cell that can stand in a header: a name, never a number, a time or a reading. */
export function isNameLike(cell: string): boolean {
  return /^\s*[A-Za-z_][\w.:/ -]*(\s*\[[^\]]*\])?\s*$/.test(cell);
}

/** True for a line that names columns: all cells are names and one of them is known. */
export function isHeader(cells: readonly string[]): boolean {
  return cells.every(isNameLike) && cells.some((cell) => logFieldOf(cell) !== null);
}
