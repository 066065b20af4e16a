import type { XidFact } from '../store/lines.ts';
import type { Cuts } from '../usage/cuts.ts';

/** All XIDs of one code on one GPU in the window asked for. */
export interface TalliedXid {
  readonly code: number;
  /** The GPU's id; null for GPUs that were not watched. */
  readonly gpu: string | null;
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Names of processes, in the order in which they came. */
  readonly names: readonly string[];
  /** What the driver asked for last (code 154); null where it was not said. */
  readonly recovery: string | null;
}

/** More names of processes than this tell nobody anything. */
const mostNames = 3;

/** Adds up XIDs, each once although two sources of a session may hold it. */
export class XidTally {
  readonly #seen = new Set<string>();
  readonly #tallied = new Map<string, TalliedXid>();

  add(t: number, fact: XidFact, gpu: string | null, { startMs, endMs }: Cuts): void {
    const { code, count, name, recovery } = fact;
    const event = JSON.stringify([t, gpu, fact]);
    if (t < startMs || t >= endMs || this.#seen.has(event)) return;
    this.#seen.add(event);
    const key = `${code} ${gpu}`;
    const before = this.#tallied.get(key);
    const names = before?.names ?? [];
    const isNew = name !== null && names.length < mostNames && !names.includes(name);
    this.#tallied.set(key, {
      code,
      gpu,
      count: (before?.count ?? 0) + count,
      firstMs: Math.min(before?.firstMs ?? t, t),
      lastMs: Math.max(before?.lastMs ?? t, t),
      names: isNew ? [...names, name] : names,
      recovery: before !== undefined && before.lastMs > t ? before.recovery : recovery,
    });
  }

  all(): readonly TalliedXid[] {
    return [...this.#tallied.values()];
  }
}
