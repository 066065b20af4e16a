import type { GpuColumn } from './columns.ts';
import { eventReason } from './event-reasons.ts';
import { type CellParser, count, hexMask, onOff, pstate, quantity } from './parse-value.ts';

/** A number in GpuIdentity that a field of nvidia-smi gives; switches come as 1 / 0. */
export type NumericFact =
  | 'index'
  | 'memoryTotalMib'
  | 'powerLimitW'
  | 'clockSmMaxMhz'
  | 'clockMemoryMaxMhz'
  | 'pcieLinkGenMax'
  | 'pcieLinkWidthMax'
  | 'persistenceMode'
  | 'displayActive'
  | 'migMode';

export type TextFact = 'uuid' | 'name' | 'pciBusId';

/** What a field is for; one cell can feed a column and a fact. */
export interface FieldTarget {
  readonly column?: GpuColumn;
  /** Fields with `adds` of one column are summed; the sum needs all of them. */
  readonly adds?: true;
  /** A bit of the eventReasons mask, where the field is one of its flags. */
  readonly reasonBit?: number;
  readonly fact?: NumericFact;
  readonly textFact?: TextFact;
  /** Not a reading of a GPU: the time of the row, or the driver's version. */
  readonly meta?: 'timestamp' | 'driver';
}

export interface Field extends FieldTarget {
  /** nvidia-smi's name today. */
  readonly name: string;
  /** Other names for the same thing, over drivers and nvidia-smi's own short forms. */
  readonly aliases: readonly string[];
  /** As nvidia-smi prints it in the header, `[MiB]`, and after the number. */
  readonly unit: string | null;
  /** Among fields of one column, the lowest rank that gives a number wins, cell by cell. */
  readonly rank: number;
  readonly parse: CellParser;
}

interface Entry extends FieldTarget {
  readonly aliases?: readonly string[];
  readonly rank?: number;
}

const pct = (name: string, entry: Entry): Field => field(name, '%', quantity('%'), entry);
const mib = (name: string, entry: Entry): Field => field(name, 'MiB', quantity('MiB'), entry);
const watts = (name: string, entry: Entry): Field => field(name, 'W', quantity('W'), entry);
const mhz = (name: string, entry: Entry): Field => field(name, 'MHz', quantity('MHz'), entry);
const micros = (name: string, entry: Entry): Field => field(name, 'us', quantity('us'), entry);
const number = (name: string, entry: Entry): Field => field(name, null, count, entry);
const toggle = (name: string, entry: Entry): Field => field(name, null, onOff, entry);
/** Text is read by `parseText`; as a number it is always absent. */
const text = (name: string, entry: Entry): Field => field(name, null, () => null, entry);

function field(name: string, unit: string | null, parse: CellParser, entry: Entry): Field {
  const { aliases = [], rank = 0, ...target } = entry;
  return { name, aliases: [...aliases, ...renamed(name)], unit, rank, parse, ...target };
}

/** Driver 535 renamed clocks_throttle_reasons to clocks_event_reasons; both names are still accepted. */
function renamed(name: string): readonly string[] {
  const prefix = 'clocks_event_reasons.';
  return name.startsWith(prefix) ? [`clocks_throttle_reasons.${name.slice(prefix.length)}`] : [];
}

const reason = (name: string, reasonBit: number): Field =>
  toggle(`clocks_event_reasons.${name}`, { reasonBit });

/**
 * Every nvidia-smi `--query-gpu` field that gpucost reads.
 * Names and aliases: `nvidia-smi --help-query-gpu` of drivers 590.48.01, 591.86, 595.71.05, 595.80 and 610.62,
 * and older logs. `module.power.*` is left out on purpose: on Grace it includes the CPU.
 */
export const fields: readonly Field[] = [
  text('timestamp', { meta: 'timestamp' }),
  text('driver_version', { meta: 'driver' }),
  number('index', { fact: 'index' }),
  text('uuid', { textFact: 'uuid', aliases: ['gpu_uuid'] }),
  text('name', { textFact: 'name', aliases: ['gpu_name'] }),
  text('pci.bus_id', { textFact: 'pciBusId', aliases: ['gpu_bus_id'] }),

  pct('utilization.gpu', { column: 'utilizationGpuPct' }),
  pct('utilization.memory', { column: 'utilizationMemoryPct' }),
  mib('memory.used', { column: 'memoryUsedMib' }),
  mib('memory.total', { column: 'memoryTotalMib', fact: 'memoryTotalMib' }),

  // power.draw is the average over 1 s on Ampere and later except GA100, and instantaneous before;
  // some cards answer only one of the three.
  watts('power.draw', { column: 'powerDrawW' }),
  watts('power.draw.average', {
    column: 'powerDrawW',
    rank: 1,
    aliases: ['gpu.power.draw.average'],
  }),
  watts('power.draw.instant', {
    column: 'powerDrawW',
    rank: 2,
    aliases: ['gpu.power.draw.instant'],
  }),
  watts('enforced.power.limit', {
    column: 'powerLimitW',
    fact: 'powerLimitW',
    aliases: ['gpu.power.current_limit'],
  }),
  watts('power.limit', {
    column: 'powerLimitW',
    fact: 'powerLimitW',
    rank: 1,
    aliases: ['gpu.power.requested_limit'],
  }),

  mhz('clocks.current.sm', { column: 'clockSmMhz', aliases: ['clocks.sm'] }),
  mhz('clocks.current.memory', { column: 'clockMemoryMhz', aliases: ['clocks.mem'] }),
  mhz('clocks.max.sm', { fact: 'clockSmMaxMhz' }),
  mhz('clocks.max.memory', { fact: 'clockMemoryMaxMhz', aliases: ['clocks.max.mem'] }),
  number('temperature.gpu', { column: 'temperatureC' }),
  field('pstate', null, pstate, { column: 'pstate' }),

  number('pcie.link.gen.current', {
    column: 'pcieLinkGen',
    aliases: ['pcie.link.gen.gpucurrent'],
  }),
  number('pcie.link.width.current', { column: 'pcieLinkWidth' }),
  number('pcie.link.gen.max', { fact: 'pcieLinkGenMax' }),
  number('pcie.link.width.max', { fact: 'pcieLinkWidthMax' }),

  field('clocks_event_reasons.active', null, hexMask, {
    column: 'eventReasons',
    aliases: ['clocks_throttle_reasons.active'],
  }),
  reason('gpu_idle', eventReason.gpuIdle),
  reason('applications_clocks_setting', eventReason.applicationsClocksSetting),
  reason('sw_power_cap', eventReason.swPowerCap),
  reason('hw_slowdown', eventReason.hwSlowdown),
  reason('sync_boost', eventReason.syncBoost),
  reason('sw_thermal_slowdown', eventReason.swThermalSlowdown),
  reason('hw_thermal_slowdown', eventReason.hwThermalSlowdown),
  reason('hw_power_brake_slowdown', eventReason.hwPowerBrakeSlowdown),

  micros('clocks_event_reasons_counters.hw_thermal_slowdown', {
    column: 'slowdownCounterUs',
    adds: true,
  }),
  micros('clocks_event_reasons_counters.sw_thermal_slowdown', {
    column: 'slowdownCounterUs',
    adds: true,
  }),
  micros('clocks_event_reasons_counters.hw_power_brake_slowdown', {
    column: 'slowdownCounterUs',
    adds: true,
  }),
  micros('clocks_event_reasons_counters.sw_power_cap', { column: 'powerCapCounterUs' }),
  number('ecc.errors.uncorrected.volatile.total', { column: 'eccUncorrected' }),

  toggle('persistence_mode', { fact: 'persistenceMode' }),
  toggle('display_active', { fact: 'displayActive' }),
  toggle('mig.mode.current', { fact: 'migMode' }),
];

const byName: ReadonlyMap<string, Field> = new Map(
  fields.flatMap((f) => [f.name, ...f.aliases].map((name) => [name, f] as const)),
);

/** The field that a header cell names, in any of its spellings and with or without its unit; else undefined. */
export function fieldOfHeader(headerCell: string): Field | undefined {
  return byName.get(headerName(headerCell));
}

/** `memory.used [MiB]` → `memory.used`. */
export function headerName(headerCell: string): string {
  const text = headerCell.trim();
  const unitAt = text.indexOf(' [');
  return unitAt < 0 ? text : text.slice(0, unitAt);
}

/**
 * The eventReasons mask from single flags, or null if it stays unknown: without every flag of a throttling
 * reason, "not throttled" can't be claimed. hw_slowdown stands for its two parts, heat and power brake.
 */
export function maskOfFlags(activeBits: number, knownBits: number): number | null {
  const hardwareParts = eventReason.hwThermalSlowdown | eventReason.hwPowerBrakeSlowdown;
  const knowsHardware =
    (knownBits & eventReason.hwSlowdown) !== 0 || (knownBits & hardwareParts) === hardwareParts;
  const knowsHeat = (knownBits & eventReason.swThermalSlowdown) !== 0;
  return activeBits !== 0 || (knowsHardware && knowsHeat) ? activeBits : null;
}
