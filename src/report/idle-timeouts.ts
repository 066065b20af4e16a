import { microsOf, numberFromMicros } from '../bill/money.ts';
import { meanPerHourNanos } from '../bill/price-periods.ts';
import type { MachineRate } from '../bill/rate.ts';
import { type MachineIdle, machineIdle } from '../usage/machine-idle.ts';
import type { MachineUsage } from '../usage/usage.ts';
import { hoursOf } from './amounts.ts';
import type { IdleTimeouts } from './report.ts';

/** Time-outs that are tried, milliseconds: from the horizon of the accounts, below which a pause may be work, to a working day. */
const candidatesMs = [5, 10, 15, 30, 60, 120, 240, 480].map((minutes) => minutes * 60_000);

/**
 * What stopping the machine after some time of idleness would have saved on what was recorded, and which work it would have
 * ended; null where no spell was as long as the shortest time-out. Savings are upper bounds: starting again costs time, and
 * a minimum of the provider's.
 */
export function idleTimeouts(usage: MachineUsage, rate: MachineRate | null): IdleTimeouts | null {
  const spells = machineIdle(usage);
  const [shortest = Infinity] = candidatesMs;
  const longest = Math.max(0, ...spells.map(lengthMs));
  if (longest < shortest) return null;
  const rows = candidatesMs
    .filter((afterMs) => afterMs <= longest)
    .map((afterMs) => tried(afterMs, spells, usage, rate));
  const fewest = Math.min(...rows.map(({ endedWork }) => endedWork));
  return {
    machine: usage.id,
    spells: spells.filter((spell) => lengthMs(spell) >= shortest).length,
    longestSeconds: longest / 1000,
    rows,
    kneeSeconds: rows.find(({ endedWork }) => endedWork === fewest)?.afterSeconds ?? null,
    chargedAlways: rate?.charged === 'always',
    ending: (rate?.ending ?? []).map((way) => ({ ...way, keeps: [...way.keeps] })),
  };
}

function tried(
  afterMs: number,
  spells: readonly MachineIdle[],
  usage: MachineUsage,
  rate: MachineRate | null,
): IdleTimeouts['rows'][number] {
  const stopped = spells.filter((spell) => lengthMs(spell) >= afterMs);
  const saved = stopped.map(({ startMs, endMs }) => ({ startMs: startMs + afterMs, endMs }));
  const savedMs = saved.reduce((sum, span) => sum + lengthMs(span), 0);
  const usedAgain = stopped.filter(({ isUsedAgain }) => isUsedAgain);
  return {
    afterSeconds: afterMs / 1000,
    stops: stopped.length,
    saved: { gpuHours: hoursOf(savedMs * usage.gpus.length), cost: costOf(saved, savedMs, rate) },
    endedWork: usedAgain.filter(({ isHeld }) => isHeld).length,
    restarts: usedAgain.length,
  };
}

/** Null without a rate, and where energy is measured: an idle hour costs less of it than the mean one. */
function costOf(
  saved: readonly { readonly startMs: number; readonly endMs: number }[],
  savedMs: number,
  rate: MachineRate | null,
): number | null {
  if (rate === null || (rate.energy ?? null) !== null) return null;
  // A commitment is charged whether the machine runs or not.
  if (rate.charged === 'always') return 0;
  return numberFromMicros(microsOf(meanPerHourNanos(rate, saved), Math.round(savedMs)));
}

function lengthMs({ startMs, endMs }: Pick<MachineIdle, 'startMs' | 'endMs'>): number {
  return endMs - startMs;
}
