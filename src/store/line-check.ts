import { type MountKind, mountKinds } from '../host/mounts.ts';
import type { GpuIdentity } from '../sample/columns.ts';
import { booleanOrNull, type Fields, isFields, numberOrNull, textOrNull } from './fields-check.ts';
import type {
  DetectedBy,
  EndLine,
  EventCode,
  EventLine,
  GpuProcess,
  HostIdentity,
  MachineFacts,
  MountWait,
  ProcessesLine,
  ProgressLine,
  SharesLine,
  WaitsLine,
  XidFact,
} from './lines.ts';
import { toOwner } from './owner-check.ts';

/** Epoch milliseconds of a line, or null where it has none. */
export function timeOf(line: Fields): number | null {
  const t = line['t'];
  return typeof t === 'number' && Number.isSafeInteger(t) ? t : null;
}

/** A row or a list of readings. */
export function isReadings(value: unknown): value is readonly (number | null)[] {
  if (!Array.isArray(value)) return false;
  for (let i = 0; i < value.length; i++) {
    const v: unknown = value[i];
    if (v !== null && typeof v !== 'number') return false;
  }
  return true;
}

export function isPositions(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((v) => Number.isSafeInteger(v) && v >= 0);
}

export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((v) => typeof v === 'string');
}

/** The facts of GPUs; a missing fact is unknown. Null: it is not a list of GPUs. */
export function toGpus(value: unknown): readonly GpuIdentity[] | null {
  if (!Array.isArray(value)) return null;
  const gpus: GpuIdentity[] = [];
  for (const item of value) {
    if (!isFields(item) || typeof item['id'] !== 'string') return null;
    gpus.push({
      id: item['id'],
      uuid: textOrNull(item['uuid']),
      index: numberOrNull(item['index']),
      name: textOrNull(item['name']),
      pciBusId: textOrNull(item['pciBusId']),
      memoryTotalMib: numberOrNull(item['memoryTotalMib']),
      powerLimitW: numberOrNull(item['powerLimitW']),
      clockSmMaxMhz: numberOrNull(item['clockSmMaxMhz']),
      clockMemoryMaxMhz: numberOrNull(item['clockMemoryMaxMhz']),
      pcieLinkGenMax: numberOrNull(item['pcieLinkGenMax']),
      pcieLinkWidthMax: numberOrNull(item['pcieLinkWidthMax']),
      persistenceMode: booleanOrNull(item['persistenceMode']),
      displayActive: booleanOrNull(item['displayActive']),
      migMode: booleanOrNull(item['migMode']),
    });
  }
  return gpus;
}

export function toHost(value: unknown): HostIdentity | null {
  if (!isFields(value)) return null;
  const { name, key, cpus, memoryMib, bootedAt, container } = value;
  if (typeof name !== 'string' || typeof key !== 'string') return null;
  if (typeof cpus !== 'number' || typeof memoryMib !== 'number') return null;
  return {
    name,
    key,
    cpus,
    memoryMib,
    bootedAt: numberOrNull(bootedAt),
    container: container === true,
  };
}

const detectedBys: Readonly<Record<DetectedBy, true>> = {
  flag: true,
  config: true,
  environment: true,
  dmi: true,
  metadata: true,
  shape: true,
  none: true,
};

export function toMachine(value: unknown): MachineFacts | null {
  if (!isFields(value)) return null;
  const by = value['detectedBy'];
  return {
    provider: textOrNull(value['provider']),
    type: textOrNull(value['type']),
    region: textOrNull(value['region']),
    purchase: textOrNull(value['purchase']),
    detectedBy: isDetectedBy(by) ? by : 'none',
    launchedAt: numberOrNull(value['launchedAt']),
  };
}

function isDetectedBy(value: unknown): value is DetectedBy {
  return typeof value === 'string' && Object.hasOwn(detectedBys, value);
}

export function toProcesses(line: Fields): ProcessesLine | null {
  const t = timeOf(line);
  const list = line['processes'];
  if (t === null || !Array.isArray(list)) return null;
  const processes: GpuProcess[] = [];
  for (const item of list) {
    if (!isFields(item)) return null;
    const { gpu, pid, name, memoryMib } = item;
    if (typeof gpu !== 'number' || typeof pid !== 'number' || typeof name !== 'string') return null;
    const owner = toOwner(item['owner']);
    const process = { gpu, pid, name, memoryMib: numberOrNull(memoryMib) };
    processes.push(owner === null ? process : { ...process, owner });
  }
  return { kind: 'processes', t, visible: line['visible'] === true, processes };
}

export function toWaits(line: Fields): WaitsLine | null {
  const t = timeOf(line);
  const { pid, gpus, mounts: list, unplaced } = line;
  if (t === null || typeof pid !== 'number' || !isPositions(gpus) || !Array.isArray(list))
    return null;
  const mounts: MountWait[] = [];
  for (const item of list) {
    if (!isFields(item)) return null;
    const { point, type, store, found, writing } = item;
    if (typeof point !== 'string' || typeof type !== 'string') return null;
    if (typeof found !== 'number' || typeof writing !== 'number') return null;
    mounts.push({
      point,
      type,
      store: isMountKind(store) ? store : 'unknown',
      found,
      writing,
      readBytesPerS: numberOrNull(item['readBytesPerS']),
      readMs: numberOrNull(item['readMs']),
    });
  }
  return { kind: 'waits', t, pid, gpus, mounts, unplaced: numberOrNull(unplaced) ?? 0 };
}

function isMountKind(value: unknown): value is MountKind {
  return mountKinds.some((kind) => kind === value);
}

export function toShares(line: Fields): SharesLine | null {
  const t = timeOf(line);
  const list = line['rows'];
  if (t === null || !Array.isArray(list)) return null;
  const rows: [number, number, number][] = [];
  for (const row of list) {
    if (!isReadings(row)) return null;
    const [gpu, pid, smPct] = row;
    if (typeof gpu !== 'number' || typeof pid !== 'number' || typeof smPct !== 'number')
      return null;
    rows.push([gpu, pid, smPct]);
  }
  return { kind: 'shares', t, rows };
}

const eventCodes: Readonly<Record<EventCode, true>> = {
  'driver-lost': true,
  'driver-back': true,
  'gpu-lost': true,
  'gpu-back': true,
  'field-unsupported': true,
  'reading-failed': true,
  'persistence-off': true,
  mig: true,
  'processes-hidden': true,
  'host-signal-missing': true,
  xid: true,
  'gpu-health': true,
  warning: true,
};

/** An event; a code that a later version added is a warning here. */
export function toEvent(line: Fields): EventLine | null {
  const t = timeOf(line);
  const { code, message } = line;
  if (t === null || typeof code !== 'string' || typeof message !== 'string') return null;
  const xid = toXid(line['xid']);
  return {
    kind: 'event',
    t,
    code: isEventCode(code) ? code : 'warning',
    message,
    ...(xid === null ? {} : { xid }),
  };
}

function toXid(fact: unknown): XidFact | null {
  if (!isFields(fact)) return null;
  const { code, gpu, pid, name, recovery, count } = fact;
  if (typeof code !== 'number' || typeof count !== 'number') return null;
  return {
    code,
    count,
    gpu: typeof gpu === 'number' ? gpu : null,
    pid: typeof pid === 'number' ? pid : null,
    name: typeof name === 'string' ? name : null,
    recovery: typeof recovery === 'string' ? recovery : null,
  };
}

function isEventCode(code: string): code is EventCode {
  return Object.hasOwn(eventCodes, code);
}

/** A reading of a counter; null where it is none, `later` where a later version counts in a unit that is not known here. */
export function toProgress(line: Fields): ProgressLine | 'later' | null {
  const t = timeOf(line);
  const { unit, label, count, done } = line;
  if (t === null || typeof label !== 'string') return null;
  if (typeof count !== 'number' || typeof done !== 'number') return null;
  if (typeof unit !== 'string') return null;
  if (unit !== 'step' && unit !== 'epoch' && unit !== 'token') return 'later';
  return { kind: 'progress', t, unit, label, count, total: numberOrNull(line['total']), done };
}

const endReasons: Readonly<Record<EndLine['reason'], true>> = {
  duration: true,
  interrupt: true,
  terminated: true,
  'command-ended': true,
  failed: true,
};

export function toEnd(line: Fields): EndLine | null {
  const t = timeOf(line);
  const reason = line['reason'];
  if (t === null) return null;
  return { kind: 'end', t, reason: isEndReason(reason) ? reason : 'failed' };
}

function isEndReason(value: unknown): value is EndLine['reason'] {
  return typeof value === 'string' && Object.hasOwn(endReasons, value);
}
