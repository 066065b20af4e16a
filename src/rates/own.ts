import type { EnergyTerms } from '../bill/rate.ts';
import { divideHalfUp, parseNanos } from './decimal.ts';
import { durationMs } from './duration.ts';
import type { CardOwn } from './schema.ts';

const hoursPerYear = 8_766n;
const msPerHour = 3_600_000n;

/**
 * A machine of your own, per hour of calendar time in billionths:
 * (purchase price − residual) / lifetime + yearly costs / 8,766, rounded half up once.
 */
export function ownHourNanos(own: CardOwn): bigint {
  const bought = parseNanos(own.purchase_price);
  const residual = parseNanos(own.residual ?? '0');
  const loss = bought > residual ? bought - residual : 0n;
  const lifeMs = BigInt(durationMs(own.lifetime) ?? 0);
  const yearly = Object.values(own.per_year ?? {}).reduce(
    (sum, cost) => sum + parseNanos(cost),
    0n,
  );
  // Both over lifeMs × 8,766, so that nothing is rounded before the sum.
  const numerator = loss * msPerHour * hoursPerYear + yearly * lifeMs;
  return lifeMs === 0n ? 0n : divideHalfUp(numerator, lifeMs * hoursPerYear);
}

/** Energy by measurement, with the error of nvidia-smi's power reading on the GPUs' part. */
export interface EnergyBill {
  readonly micros: bigint;
  readonly lowMicros: bigint;
  readonly highMicros: bigint;
}

/** Means of power.draw lay within 6 % of an external meter on A100 and H100; it is never claimed to be better. */
const powerErrorPerMille = 60n;

/** What was drawn over a window, and how long the machine ran in it. */
export interface MeasuredEnergy {
  /** Integral of power.draw over the observed time of all the machine's GPUs. */
  readonly gpuWattHours: number;
  readonly observedMs: number;
  /** Time that the machine ran, observed or not; unobserved time is taken at the observed mean. */
  readonly runningMs: number;
}

/**
 * (measured GPU energy + host watts × time) × pue × tariff in millionths, with its bound of ±6 % on the GPUs' part.
 * Null where nothing was observed: then the mean is not known either.
 */
export function energyMicros(terms: EnergyTerms, measured: MeasuredEnergy): EnergyBill | null {
  const { gpuWattHours, observedMs, runningMs } = measured;
  if (!(observedMs > 0) || !(runningMs >= 0) || !Number.isFinite(gpuWattHours)) return null;
  // Milliwatt-hours: fine enough for a reading of ±6 %, and whole from here on.
  const gpus = BigInt(Math.round((gpuWattHours * runningMs * 1_000) / observedMs));
  const host = BigInt(Math.round((terms.hostWatts * runningMs) / 3_600));
  const cost = (milliwattHours: bigint): bigint =>
    // mWh / 1e6 = kWh; pue in thousandths; nanos / 1e3 = micros.
    divideHalfUp(
      milliwattHours * BigInt(Math.round(terms.pue * 1_000)) * terms.perKwhNanos,
      1_000_000n * 1_000n * 1_000n,
    );
  return {
    micros: cost(gpus + host),
    lowMicros: cost((gpus * (1_000n - powerErrorPerMille)) / 1_000n + host),
    highMicros: cost((gpus * (1_000n + powerErrorPerMille)) / 1_000n + host),
  };
}
