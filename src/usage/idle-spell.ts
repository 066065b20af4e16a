import { activityOf, gapLimitMs, heldMemoryMib } from './classify.ts';

/**
 * Fewer samples than these do not prove idleness: of work that keeps the GPU busy for a tenth of the time, 30 looks in a row miss
 * every bit with a chance of 0.9^30, 4 %.
 */
export const leastIdleSamples = 30;

/** What one sample of a GPU says of its being idle; NaN is missing. */
export interface IdleReading {
  readonly utilizationGpuPct: number;
  readonly computeProcesses: number;
  readonly memoryUsedMib: number;
}

/** Why a host is not provably idle at an instant: what one of its GPUs says. */
export interface NotIdle {
  readonly isIdle: false;
  /** Position of a GPU that is active or unknown; null where no GPU is known. */
  readonly gpu: number | null;
  readonly why: 'active' | 'no-reading';
  /** The latest utilization, 0–100; null where it was not reported. */
  readonly utilizationPct: number | null;
  /** What nvidia-smi said of a GPU that it can't read; null where it said nothing. */
  readonly words: string | null;
}

/** Every GPU is idle, and has been since `sinceMs`. */
export interface Idle {
  readonly isIdle: true;
  /** Epoch milliseconds: when the last of the GPUs became idle. */
  readonly sinceMs: number;
  readonly forMs: number;
  /** True if a process or more than the driver's own memory is on one of the GPUs. */
  readonly isHeld: boolean;
}

interface GpuState {
  lastMs: number;
  idleSinceMs: number | null;
  utilizationPct: number;
  isHeld: boolean;
}

/**
 * Follows samples as they come and says since when all GPUs are provably idle: utilization at most 1 %, or latched with nobody
 * there, as in the accounts (classify.ts). Stricter than they are, since machines are stopped by it: no activity is passed over as
 * isolated, and what is unknown counts as active: a reading that is missing, a gap, a driver that is down, a GPU without
 * utilization (MIG) or that can't be opened.
 */
export class IdleSpell {
  readonly #limitMs: number;
  #unread: string | null = null;
  #gpus: GpuState[] = [];

  /** `nominalMs` is the time between samples, milliseconds. */
  constructor(nominalMs: number) {
    this.#limitMs = gapLimitMs(nominalMs);
  }

  /** GPUs by position; one that is new has to prove its idleness first. */
  setGpuCount(count: number): void {
    while (this.#gpus.length < count) {
      this.#gpus.push({
        lastMs: -Infinity,
        idleSinceMs: null,
        utilizationPct: NaN,
        isHeld: false,
      });
    }
    this.#gpus.length = count;
  }

  /** nvidia-smi said that it can't read a GPU which is not among those listed: from then on nothing is proven. */
  unread(words: string): void {
    this.#unread = words;
  }

  /** Adds a GPU's sample; samples of one GPU come in the order of time (epoch milliseconds), others are left out. */
  add(position: number, timeMs: number, reading: IdleReading): void {
    const gpu = this.#gpus[position];
    if (gpu === undefined || !(timeMs > gpu.lastMs)) return;
    const sinceLastMs = timeMs - gpu.lastMs;
    const isGap = sinceLastMs > this.#limitMs;
    if (isGap) gpu.idleSinceMs = null;
    const { utilizationGpuPct, computeProcesses, memoryUsedMib } = reading;
    // Utilization looks backward: a sample tells of the time since the one before it, a first one only of its instant.
    const fromMs = isGap ? timeMs : gpu.lastMs;
    gpu.lastMs = timeMs;
    gpu.utilizationPct = utilizationGpuPct;
    gpu.isHeld = computeProcesses > 0 || !(memoryUsedMib <= heldMemoryMib);
    if (utilizationGpuPct >= 0 && activityOf(reading) === 'idle') gpu.idleSinceMs ??= fromMs;
    else gpu.idleSinceMs = null;
  }

  /** The state at an instant, epoch milliseconds. */
  at(nowMs: number): Idle | NotIdle {
    if (this.#gpus.length === 0 || this.#unread !== null) {
      const words = this.#unread;
      return { isIdle: false, gpu: null, why: 'no-reading', utilizationPct: null, words };
    }
    let sinceMs = -Infinity;
    let isHeld = false;
    for (const [position, gpu] of this.#gpus.entries()) {
      const isStale = nowMs - gpu.lastMs > this.#limitMs;
      if (isStale || gpu.idleSinceMs === null) {
        const isUnread = isStale || Number.isNaN(gpu.utilizationPct);
        return {
          isIdle: false,
          gpu: position,
          why: isUnread ? 'no-reading' : 'active',
          utilizationPct: isUnread ? null : gpu.utilizationPct,
          words: null,
        };
      }
      sinceMs = Math.max(sinceMs, gpu.idleSinceMs);
      isHeld ||= gpu.isHeld;
    }
    return { isIdle: true, sinceMs, forMs: Math.max(0, nowMs - sinceMs), isHeld };
  }
}
