import type { GpuTable } from './gpu-schema.ts';
import { nearest } from './nearest.ts';
import { ageDays, staleAfterDays } from './rate-warnings.ts';
import type { RateCard } from './schema.ts';

/** What is allowed on a card but may not be meant: unknown GPUs, old prices, machines without a price. */
export function checkNotes(card: RateCard, table: GpuTable, nowMs: number): readonly string[] {
  const keys = Object.keys(table.gpus);
  return Object.entries(card.machines).flatMap(([type, machine]) => {
    const notes: string[] = [];
    const { gpu, prices = [] } = machine;
    if (gpu !== undefined && !keys.includes(gpu)) {
      const [near] = nearest(gpu, keys);
      notes.push(
        `machines.${type}.gpu: "${gpu}" is not in the GPU table${near === undefined ? '' : `; did you mean ${near}?`}`,
      );
    }
    if (prices.length === 0) notes.push(`machines.${type}: no price`);
    const dates = prices.flatMap(({ as_of }) => as_of ?? card.defaults?.as_of ?? []);
    const oldest = dates.toSorted()[0];
    if (oldest !== undefined && ageDays(oldest, nowMs) > staleAfterDays) {
      notes.push(`machines.${type}: its oldest price is ${ageDays(oldest, nowMs)} days old`);
    }
    return notes;
  });
}
