import type { View } from '../columns.ts';

/** Closer than this there is nothing more to see. */
const shortestMs = 10_000;

/** The part of the timeline that is shown; tells everybody when it changes. */
export class Zoom {
  readonly #length: number;
  readonly #listeners: ((view: View) => void)[] = [];
  #view: View;

  constructor(lengthMs: number) {
    this.#length = lengthMs;
    this.#view = { from: 0, to: lengthMs };
  }

  get view(): View {
    return this.#view;
  }

  get isWhole(): boolean {
    return this.#view.from <= 0 && this.#view.to >= this.#length;
  }

  onChange(listener: (view: View) => void): void {
    this.#listeners.push(listener);
  }

  /** Shows this part, moved and widened as far as it must be to lie within the window. */
  show({ from, to }: View): void {
    const length = Math.min(this.#length, Math.max(shortestMs, to - from));
    const middle = (from + to) / 2;
    const start = Math.min(this.#length - length, Math.max(0, middle - length / 2));
    this.#view = { from: start, to: start + length };
    for (const listener of this.#listeners) listener(this.#view);
  }

  showAll(): void {
    this.show({ from: 0, to: this.#length });
  }

  /** Widens or narrows around an instant that keeps its place. */
  scale(factor: number, around: number = (this.#view.from + this.#view.to) / 2): void {
    const { from, to } = this.#view;
    this.show({ from: around - (around - from) * factor, to: around + (to - around) * factor });
  }

  /** Moves by a share of what is shown. */
  pan(share: number): void {
    const { from, to } = this.#view;
    const by = (to - from) * share;
    this.show({ from: from + by, to: to + by });
  }
}
