import type { GpuIdentity } from '../../sample/columns.ts';
import type { NumericFact } from '../../sample/fields.ts';
import { parseText } from '../../sample/parse-value.ts';
import { LogGpu } from './gpu-blocks.ts';
import type { IdentityCell, Plan } from './plan.ts';

const wellFormed: Readonly<Record<IdentityCell['kind'], RegExp>> = {
  uuid: /^[\w.-]{4,}$/,
  pciBusId: /^([0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f]$/i,
  index: /^\d{1,3}$/,
};

/** The GPUs of a log, found again by the bytes of their identity cell. */
export class GpuTable {
  readonly gpus: LogGpu[] = [];
  private readonly source: string;
  private readonly byKey = new Map<string, LogGpu>();

  constructor(source: string) {
    this.source = source;
  }

  /** The GPU that is likely to come after this one: rows of several GPUs take turns. */
  after(gpu: LogGpu): LogGpu {
    return this.gpus[gpu.position + 1] ?? this.gpus[0] ?? gpu;
  }

  /** The GPU whose identity cell is bytes[start, end). */
  find(bytes: Uint8Array, start: number, end: number): LogGpu | undefined {
    return this.gpus.find((gpu) => isSame(gpu.key, bytes, start, end));
  }

  byText(key: string): LogGpu | undefined {
    return this.byKey.get(key);
  }

  /** Null where the cell can't be an identity of its kind. */
  add(
    kind: IdentityCell['kind'],
    key: string,
    plan: Plan,
    cells: readonly string[],
  ): LogGpu | null {
    if (!wellFormed[kind].test(key)) return null;
    const identity = identityOf(this.idOf(kind, key), plan, cells);
    // An identifier that was passed over as masked must not make GPUs of other logs look like this one.
    const uuid = kind === 'uuid' ? identity.uuid : null;
    const pciBusId = kind === 'index' ? null : identity.pciBusId;
    return this.keep(key, { ...identity, uuid, pciBusId });
  }

  /** A GPU that the log does not identify: the only one, or the n-th of each group. */
  addNth(n: number, plan: Plan, cells: readonly string[]): LogGpu {
    return this.keep(`${n}`, identityOf(`${this.source}#${n}`, plan, cells));
  }

  identities(): GpuIdentity[] {
    return this.gpus.map(({ identity }) => identity);
  }

  private keep(key: string, identity: GpuIdentity): LogGpu {
    const gpu = new LogGpu(identity, key, this.gpus.length);
    this.gpus.push(gpu);
    this.byKey.set(key, gpu);
    return gpu;
  }

  private idOf(kind: IdentityCell['kind'], key: string): string {
    return kind === 'uuid' ? key : `${this.source}#${key}`;
  }
}

function identityOf(id: string, plan: Plan, cells: readonly string[]): GpuIdentity {
  const number = (fact: NumericFact): number | null => {
    const numbers = plan.facts
      .filter(({ field }) => field.fact === fact)
      .sort((a, b) => a.field.rank - b.field.rank)
      .map(({ field, cell }) => field.parse(cells[cell] ?? '') ?? null);
    return numbers.find((value) => value !== null) ?? null;
  };
  const words = (fact: 'uuid' | 'name' | 'pciBusId'): string | null => {
    const cell = plan.facts.find(({ field }) => field.textFact === fact)?.cell;
    return cell === undefined ? null : parseText(cells[cell] ?? '');
  };
  const toggle = (fact: NumericFact): boolean | null => {
    const value = number(fact);
    return value === null ? null : value === 1;
  };
  return {
    id,
    uuid: words('uuid'),
    index: number('index'),
    name: words('name'),
    pciBusId: words('pciBusId'),
    memoryTotalMib: number('memoryTotalMib'),
    powerLimitW: number('powerLimitW'),
    clockSmMaxMhz: number('clockSmMaxMhz'),
    clockMemoryMaxMhz: number('clockMemoryMaxMhz'),
    pcieLinkGenMax: number('pcieLinkGenMax'),
    pcieLinkWidthMax: number('pcieLinkWidthMax'),
    persistenceMode: toggle('persistenceMode'),
    displayActive: toggle('displayActive'),
    migMode: toggle('migMode'),
  };
}

function isSame(key: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (key.length !== end - start) return false;
  // Identities that look alike differ at their end.
  for (let i = key.length - 1; i >= 0; i--) if (key[i] !== bytes[start + i]) return false;
  return true;
}
