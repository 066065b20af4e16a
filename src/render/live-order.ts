import type { LiveGpu } from '../audit/live-usage.ts';

/** What the GPUs of the live view are sorted by. */
export const liveOrders = ['gpu', 'utilization', 'memory', 'power', 'wasted'] as const;

export type LiveOrder = (typeof liveOrders)[number];

/** The key that picks each order. */
export const orderKeys: Readonly<Record<LiveOrder, string>> = {
  gpu: 'g',
  utilization: 'u',
  memory: 'm',
  power: 'p',
  wasted: 'w',
};

/** GPUs by index, or the largest reading first and unknown ones last; equal ones by index. */
export function inOrder(gpus: readonly LiveGpu[], order: LiveOrder): readonly LiveGpu[] {
  if (order === 'gpu') return gpus;
  const value = (gpu: LiveGpu): number => readingOf(gpu, order) ?? -Infinity;
  // Array.prototype.sort is stable: GPUs come in the order of their indexes.
  return gpus.toSorted((a, b) => (value(b) === value(a) ? 0 : value(b) - value(a)));
}

function readingOf(gpu: LiveGpu, order: Exclude<LiveOrder, 'gpu'>): number | null {
  switch (order) {
    case 'utilization':
      return gpu.utilizationPct;
    case 'memory':
      return gpu.memoryUsedMib;
    case 'power':
      return gpu.powerW;
    case 'wasted':
      return gpu.wastedMs;
  }
}
