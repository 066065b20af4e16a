import { billMachine } from '../bill/machine-bill.ts';
import { numberFromMicros, numberFromNanos } from '../bill/money.ts';
import { wastedMicros, wastedMs } from '../bill/waste.ts';
import { findGpu } from '../rates/gpus.ts';
import type { GpuColumn, GpuIdentity, SampleBlock } from '../sample/columns.ts';
import type {
  GpuProcess,
  HeaderLine,
  ProcessesLine,
  SessionLine,
  TickLine,
} from '../store/lines.ts';
import { heldMemoryMib } from '../usage/classify.ts';
import { noCuts } from '../usage/cuts.ts';
import { loadOf } from '../usage/estimator.ts';
import { UsagePart } from '../usage/part.ts';
import type { GpuUsage } from '../usage/usage.ts';
import { windowMsFor } from '../usage/windows.ts';
import type { CollectedMachine } from './collect.ts';
import { collectedHost } from './collected-host.ts';
import { LiveHistory } from './live-history.ts';
import { closeMachine } from './machine-usage.ts';
import { hiddenCount, type PricingOptions, rateOf } from './pricing.ts';
import { linkMaxOf } from './source.ts';

/** One GPU as it is now, and what it has cost since watching began. */
export interface LiveGpu {
  readonly identity: GpuIdentity;
  /** The latest readings; null where there is none, or none any more. */
  readonly utilizationPct: number | null;
  readonly memoryUsedMib: number | null;
  readonly powerW: number | null;
  /** Power between floor and limit, 0–1; null as long as the floor is not known. */
  readonly load: number | null;
  readonly now: 'busy' | 'held idle' | 'empty idle' | 'no reading';
  /** The latest minute of utilization, 0–1, in slices of a second or the interval, the newest last. */
  readonly history: readonly (number | null)[];
  /** Compute processes, as of the last list; null where they are not visible. */
  readonly processes: readonly LiveProcess[] | null;
  readonly billedMs: number;
  readonly wastedMs: number;
  /** Null without a rate. */
  readonly billedCost: number | null;
  readonly wastedCost: number | null;
}

/** A compute process on a GPU; null is unknown. */
export interface LiveProcess {
  readonly pid: number;
  readonly name: string;
  readonly memoryMib: number | null;
  /** Its kernels' share of the GPU, per cent; known where several share it. */
  readonly smPct: number | null;
  readonly user: string | null;
}

export interface LiveMachine {
  readonly gpus: readonly LiveGpu[];
  readonly currency: string | null;
  readonly perHour: number | null;
  readonly billedMs: number;
  readonly wastedMs: number;
  readonly billedCost: number | null;
  readonly wastedCost: number | null;
}

interface GpuState {
  identity: GpuIdentity;
  readonly part: UsagePart;
  latest: Readonly<Partial<Record<GpuColumn, number | null>>>;
  latestMs: number;
  readonly history: LiveHistory;
}

/** The accounts of a session while it is recorded, by the same code that makes its report. */
export class LiveUsage {
  readonly #header: HeaderLine;
  readonly #gpus: GpuState[] = [];
  #usage: ReadonlyMap<string, GpuUsage> = new Map();
  readonly #pricing: PricingOptions;
  #newestMs: number;
  /** Null where they are not visible, or no list has come. */
  #processes: readonly GpuProcess[] | null = null;
  readonly #smPct = new Map<string, number>();

  constructor(header: HeaderLine, pricing: PricingOptions) {
    this.#header = header;
    this.#newestMs = header.startedAt;
    this.#setGpus(header.gpus);
    this.#pricing = pricing;
    // An unknown machine type is told before the first sample.
    rateOf(this.#collected(header.startedAt), pricing, []);
  }

  add(line: SessionLine): void {
    if (line.kind === 'tick') this.#addTick(line);
    if (line.kind === 'gpus') this.#setGpus(line.gpus);
    if (line.kind === 'processes') this.#setProcesses(line);
    if (line.kind === 'shares') {
      for (const [gpu, pid, smPct] of line.rows) this.#smPct.set(`${gpu} ${pid}`, smPct);
    }
  }

  /**
   * The state at an instant, epoch milliseconds, or at the newest tick where that is later: a caller's clock may be
   * behind the sampler's. Its cost grows with the session: a few milliseconds a day and GPU.
   */
  at(instantMs: number): LiveMachine {
    const nowMs = Math.max(instantMs, this.#newestMs);
    const collected = this.#collected(nowMs);
    const { startedAt } = this.#header;
    const run = {
      startMs: startedAt,
      fullStartMs: startedAt,
      endMs: nowMs,
      startedBy: 'start',
      billedMs: nowMs - startedAt,
    } as const;
    const rate = rateOf(collected, this.#pricing, [], [run]);
    const usage = closeMachine(
      'm1',
      collected,
      { runs: [run], watched: collected.watched, chargedAlways: false, cuts: noCuts },
      hiddenCount(collected, rate, []),
      ({ identity }) => findGpu(identity.name ?? '', identity.memoryTotalMib),
    );
    this.#usage = new Map(usage.gpus.map((gpu) => [gpu.identity.id, gpu]));
    const bill = rate && billMachine(usage, rate);
    const gpus = this.#gpus.map((gpu, position) => {
      const cost = bill?.gpus.get(gpu.identity.id)?.total ?? null;
      return {
        ...this.#now(gpu, nowMs),
        processes: this.#processesOn(position),
        billedCost: cost && numberFromMicros(cost.billedMicros),
        wastedCost: cost && numberFromMicros(wastedMicros(cost).estimate),
      };
    });
    return {
      gpus,
      currency: rate?.currency ?? null,
      perHour: rate && numberFromNanos((rate.pricePeriods?.at(-1)?.rate ?? rate).perHourNanos),
      billedMs: gpus.reduce((sum, gpu) => sum + gpu.billedMs, 0),
      wastedMs: gpus.reduce((sum, gpu) => sum + gpu.wastedMs, 0),
      billedCost: bill && numberFromMicros(bill.total.billedMicros),
      wastedCost: bill && numberFromMicros(wastedMicros(bill.total).estimate),
    };
  }

  #now(gpu: GpuState, nowMs: number): Omit<LiveGpu, 'billedCost' | 'wastedCost' | 'processes'> {
    const usage = this.#usage.get(gpu.identity.id);
    // What a sample owns at most; after that the reading says nothing of now.
    const isOld = nowMs - gpu.latestMs > Math.max(2.5 * this.#header.intervalMs, 3000);
    const read = (column: GpuColumn): number | null =>
      isOld ? null : (gpu.latest[column] ?? null);
    const powerW = read('powerDrawW');
    const load = loadOf(powerW ?? NaN, usage?.powerFloorW ?? null, usage?.powerReferenceW ?? null);
    return {
      identity: gpu.identity,
      utilizationPct: read('utilizationGpuPct'),
      memoryUsedMib: read('memoryUsedMib'),
      powerW,
      load: Number.isNaN(load) ? null : load,
      now: stateNow(read),
      history: gpu.history.at(nowMs),
      billedMs: usage?.total.billedMs ?? 0,
      wastedMs: usage === undefined ? 0 : wastedMs(usage.total).estimate,
    };
  }

  #addTick(line: TickLine): void {
    const { columns, intervalMs, startedAt, command } = this.#header;
    const shared = {
      nominalMs: intervalMs,
      wrapsCommand: command !== null,
      notBeforeMs: startedAt,
    };
    this.#newestMs = Math.max(this.#newestMs, line.t);
    for (const [position, ...values] of line.rows) {
      const gpu = this.#gpus[position ?? -1];
      if (gpu === undefined || position === null || position === undefined) continue;
      gpu.latest = Object.fromEntries(columns.map((name, i) => [name, values[i] ?? null]));
      gpu.latestMs = line.t;
      const pct = gpu.latest.utilizationGpuPct ?? null;
      if (pct !== null) gpu.history.add(line.t, pct / 100);
      const source = { ...shared, linkMax: linkMaxOf(gpu.identity) };
      gpu.part.addBlock(blockOf(gpu.identity.id, line.t, columns, values), source);
    }
  }

  #setProcesses({ visible, processes }: ProcessesLine): void {
    this.#processes = visible ? processes : null;
    const present = new Set(processes.map(({ gpu, pid }) => `${gpu} ${pid}`));
    for (const key of this.#smPct.keys()) if (!present.has(key)) this.#smPct.delete(key);
  }

  #processesOn(position: number): readonly LiveProcess[] | null {
    if (this.#processes === null) return null;
    return this.#processes
      .filter(({ gpu }) => gpu === position)
      .map(({ pid, name, memoryMib, owner }) => ({
        pid,
        name,
        memoryMib,
        smPct: this.#smPct.get(`${position} ${pid}`) ?? null,
        user: owner?.user ?? null,
      }));
  }

  #setGpus(gpus: readonly GpuIdentity[]): void {
    for (const [position, identity] of gpus.entries()) {
      const known = this.#gpus[position];
      if (known === undefined) {
        const part = new UsagePart(windowMsFor(this.#header.intervalMs), noCuts);
        const history = new LiveHistory(this.#header.intervalMs);
        this.#gpus[position] = { identity, part, latest: {}, latestMs: -Infinity, history };
      } else {
        known.identity = identity;
      }
    }
  }

  #collected(nowMs: number): CollectedMachine {
    const gpus = this.#gpus.map(({ identity, part }) => ({
      identity,
      // Closing ends a part; a copy is closed instead, and this one goes on.
      part: UsagePart.merge(part, new UsagePart(part.windowMs, noCuts)),
    }));
    return collectedHost(this.#header, gpus, nowMs);
  }
}

function blockOf(
  gpu: string,
  timeMs: number,
  columns: readonly GpuColumn[],
  values: readonly (number | null)[],
): SampleBlock {
  return {
    gpu,
    length: 1,
    timeMs: Float64Array.of(timeMs),
    columns: Object.fromEntries(
      columns.map((name, i) => [name, Float64Array.of(values[i] ?? Number.NaN)]),
    ),
  };
}

function stateNow(read: (column: GpuColumn) => number | null): LiveGpu['now'] {
  const utilization = read('utilizationGpuPct');
  if (utilization === null) return 'no reading';
  if (utilization > 1) return 'busy';
  const processes = read('computeProcesses');
  const isHeld =
    processes === null ? (read('memoryUsedMib') ?? Infinity) > heldMemoryMib : processes > 0;
  return isHeld ? 'held idle' : 'empty idle';
}
