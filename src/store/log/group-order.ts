import { findGrouping } from './group-size.ts';

/** Groups in a row that start in the middle of a reading before the order counts as lost. */
const brokenGroups = 2;
const rowsToLearnFrom = 512;

/**
 * Tells which GPU a row without an identity belongs to: nvidia-smi prints the GPUs of one reading in a fixed
 * order. After a line that is no row the order is lost until the next reading begins.
 */
export class GroupOrder {
  private readonly size: number;
  private position = 0;
  private isLost = false;
  private broken = 0;
  private splitMs: number | null = null;
  private longestMs = 0;
  private lastMs = Number.NaN;
  private readonly probeMs = new Float64Array(rowsToLearnFrom);
  private probed = 0;

  constructor(size: number) {
    this.size = size;
  }

  /** The position of a row in its reading, or -1 while the order is lost. */
  next(timeMs: number): number {
    this.learn(timeMs);
    const delta = Number.isNaN(this.lastMs) ? 0 : timeMs - this.lastMs;
    const isFirst = Number.isNaN(this.lastMs);
    this.lastMs = timeMs;
    this.longestMs = Math.max(this.longestMs, delta);
    const startsReading = isFirst || delta >= (this.splitMs ?? this.longestMs / 2);
    if (this.isLost) {
      if (!startsReading) return -1;
      this.restart();
    } else if (this.position === 0 && this.splitMs !== null) {
      this.broken = startsReading ? 0 : this.broken + 1;
      if (this.broken >= brokenGroups) {
        this.lose();
        return -1;
      }
    }
    const { position } = this;
    this.position = (position + 1) % this.size;
    return position;
  }

  /** A header: nvidia-smi was started again, and begins with its first GPU. */
  restart(): void {
    this.position = 0;
    this.isLost = false;
    this.broken = 0;
  }

  lose(): void {
    this.isLost = true;
  }

  private learn(timeMs: number): void {
    if (this.probed === rowsToLearnFrom) return;
    this.probeMs[this.probed] = timeMs;
    this.probed += 1;
    if (this.probed < rowsToLearnFrom) return;
    this.splitMs = findGrouping(this.probeMs, this.probed)?.splitMs ?? null;
  }
}
