import type { Distribution } from './usage.ts';

/** Larger values are counted in the last bin: no reading of a GPU goes there. */
const lastBin = 2 ** 20;

/** Milliseconds by integer value; sums are exact, so histograms merge in any order. */
export class Histogram {
  #bins = new Float64Array(0);
  totalMs = 0;

  add(value: number, ms: number): void {
    const bin = Math.min(lastBin, Math.max(0, Math.round(value)));
    if (bin >= this.#bins.length) {
      const wider = new Float64Array(Math.max(128, bin + 1, this.#bins.length * 2));
      wider.set(this.#bins);
      this.#bins = wider;
    }
    this.#bins[bin] = (this.#bins[bin] ?? 0) + ms;
    this.totalMs += ms;
  }

  addAll(other: Histogram): void {
    other.#bins.forEach((ms, bin) => {
      if (ms > 0) this.add(bin, ms);
    });
  }

  /** The smallest value with at least this share of the time at or below it; null if empty. */
  quantile(share: number): number | null {
    if (this.totalMs === 0) return null;
    let sum = 0;
    for (let bin = 0; bin < this.#bins.length; bin++) {
      sum += this.#bins[bin] ?? 0;
      if (sum >= share * this.totalMs && sum > 0) return bin;
    }
    return null;
  }

  /** The value with the most time; null if empty. */
  mode(): number | null {
    let most = 0;
    let value: number | null = null;
    this.#bins.forEach((ms, bin) => {
      if (ms <= most) return;
      most = ms;
      value = bin;
    });
    return value;
  }

  /** Mean and percentiles, weighted by time; null if empty. */
  distribution(): Distribution | null {
    const p5 = this.quantile(0.05);
    const p50 = this.quantile(0.5);
    const p95 = this.quantile(0.95);
    if (p5 === null || p50 === null || p95 === null) return null;
    let sum = 0;
    this.#bins.forEach((ms, bin) => {
      sum += bin * ms;
    });
    return { mean: sum / this.totalMs, p5, p50, p95 };
  }
}
