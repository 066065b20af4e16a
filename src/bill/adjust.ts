import { decimalFromNanos, nanosFromDecimal, scaleNanos } from './money.ts';
import { mapPrices } from './price-periods.ts';
import type { MachineRate, RatePart } from './rate.ts';

/** What a company pays less than the list, from its project file. */
export interface Discount {
  readonly provider: string;
  /** Share of the list price as a plain decimal, such as "0.12". */
  readonly share: string;
  readonly name: string;
}

/** A rate of exchange, from the project file; never without its date. */
export interface Exchange {
  readonly from: string;
  readonly to: string;
  /** Units of `to` for one of `from`, as a plain decimal. */
  readonly rate: string;
  readonly asOf: string;
  readonly source: string;
}

const one = 1_000_000_000n;

/**
 * A rate as the project pays it: discounts of its provider come off the list price as parts of their own (in order,
 * each off what is left), then the first exchange from its currency converts every part. Rounded half up to nanos
 * per part. Measured energy is added later and is not discounted.
 */
export function adjustRate(
  rate: MachineRate,
  discounts: readonly Discount[],
  exchange: readonly Exchange[],
): MachineRate {
  const conversion = exchange.find(({ from }) => from === rate.currency);
  return mapPrices(rate, (price) => {
    let adjusted = price;
    for (const discount of discounts) {
      if (discount.provider === rate.provider) adjusted = withDiscount(adjusted, discount);
    }
    return conversion ? convert(adjusted, conversion) : adjusted;
  });
}

function withDiscount(rate: MachineRate, { share, name }: Discount): MachineRate {
  const off = -scaleNanos(rate.perHourNanos, nanosFromDecimal(share) ?? 0n, one);
  const part: RatePart = {
    name: `discount ${name}`,
    quantity: 1,
    unit: 'machine',
    perUnitHourNanos: off,
    perHourNanos: off,
    asOf: null,
    source: `project file: ${decimalFromNanos((nanosFromDecimal(share) ?? 0n) * 100n)} % off the list price (${name})`,
    confidence: 'high',
  };
  return { ...rate, parts: [...rate.parts, part], perHourNanos: rate.perHourNanos + off };
}

function convert(rate: MachineRate, { to, rate: factor, asOf, source }: Exchange): MachineRate {
  const nanos = nanosFromDecimal(factor) ?? one;
  const converted = (amount: bigint) =>
    amount < 0n ? -scaleNanos(-amount, nanos, one) : scaleNanos(amount, nanos, one);
  const parts = rate.parts.map((part) => ({
    ...part,
    perUnitHourNanos: converted(part.perUnitHourNanos),
    perHourNanos: converted(part.perHourNanos),
  }));
  const { energy } = rate;
  return {
    ...rate,
    currency: to,
    parts,
    perHourNanos: parts.reduce((sum, part) => sum + part.perHourNanos, 0n),
    ...(energy ? { energy: { ...energy, perKwhNanos: converted(energy.perKwhNanos) } } : {}),
    warnings: [
      ...rate.warnings,
      {
        code: 'exchange',
        message: `Prices in ${rate.currency} are converted at ${factor} ${to}, the rate of ${asOf} (${source}).`,
      },
    ],
  };
}
