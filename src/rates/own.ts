import { divideHalfUp } from '../bill/money.ts';
import { parseNanos } from './decimal.ts';
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
