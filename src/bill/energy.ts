import { numberFromNanos, scaleNanos } from './money.ts';
import { mapPrices } from './price-periods.ts';
import type { MachineRate, RatePart } from './rate.ts';

/** What energy billing needs of a GPU's usage. */
export interface MeasuredGpu {
  /** Over its observed time; null without a power column. */
  readonly powerW: { readonly mean: number } | null;
}

/**
 * Means of power.draw came out at 0.94 to 0.99 of an external meter (measured, November 2026); the sensor of A100 and
 * H100 looks at a quarter of the run time (arXiv 2312.02741). So nothing better than this is claimed.
 */
const powerErrorPercent = 6n;

/**
 * Adds measured energy to the rate of a machine of one's own, as a price per hour:
 * (mean watts of all GPUs + host watts) × pue × tariff. Time that was not observed, and GPUs that can't be seen, count at
 * the observed mean. Watts are rounded to milliwatts first; from there on it is integer arithmetic, half up.
 * Other rates come back as they are. Without a power reading of any GPU energy is left out, and a warning says so.
 */
export function withEnergy(
  rate: MachineRate,
  gpus: readonly MeasuredGpu[],
  hiddenGpus: number,
): MachineRate {
  return mapPrices(rate, (price) => withEnergyOf(price, gpus, hiddenGpus));
}

function withEnergyOf(
  rate: MachineRate,
  gpus: readonly MeasuredGpu[],
  hiddenGpus: number,
): MachineRate {
  const { energy } = rate;
  if (energy === undefined || energy === null) return rate;
  const means = gpus.flatMap(({ powerW }) => (powerW === null ? [] : [powerW.mean]));
  if (means.length === 0) {
    const message = `Energy is left out of the bill of ${rate.type}: there are no power readings.`;
    return { ...rate, warnings: [...rate.warnings, { code: 'energy-unknown', message }] };
  }

  const count = gpus.length + hiddenGpus;
  const meanW = means.reduce((sum, watts) => sum + watts, 0) / means.length;
  const gpuMilliwatts = BigInt(Math.round(meanW * count * 1000));
  const hostMilliwatts = BigInt(Math.round(energy.hostWatts * 1000));
  const pueMillionths = BigInt(Math.round(energy.pue * 1e6));
  const costOf = (milliwatts: bigint): bigint =>
    scaleNanos(energy.perKwhNanos, milliwatts * pueMillionths, 10n ** 12n);

  const part: RatePart = {
    name: 'energy',
    quantity: Number(((gpuMilliwatts + hostMilliwatts) * pueMillionths) / 1_000_000n) / 1e6,
    unit: 'kWh',
    perUnitHourNanos: energy.perKwhNanos,
    perHourNanos: costOf(gpuMilliwatts + hostMilliwatts),
    asOf: rate.parts[0]?.asOf ?? null,
    source: `measured: ${count} GPUs at ${meanW.toFixed(1)} W in the mean`,
    confidence: 'medium',
  };
  const error = numberFromNanos(scaleNanos(costOf(gpuMilliwatts), powerErrorPercent, 100n));
  const message =
    `Energy is billed by nvidia-smi's power readings, which can be ${powerErrorPercent} % off: ` +
    `± ${rate.currency} ${error} an hour.`;
  return {
    ...rate,
    parts: [...rate.parts, part],
    perHourNanos: rate.perHourNanos + part.perHourNanos,
    warnings: [...rate.warnings, { code: 'energy-measured', message }],
  };
}
