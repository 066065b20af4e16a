import { z } from 'zod';

/** An instant of the report. */
export const instant = z.iso.datetime().describe('ISO 8601, UTC');
/** GPU-hours of the report. */
export const hours = z.number().min(0).describe('GPU-hours');
/** A share of a whole. */
export const share = z.number().min(0).describe('0–1');
/** An amount of money. */
export const money = z.number().describe('in the currency named beside it');

/** A value for each state of the accounts. */
export const byState = <T extends z.ZodType>(value: T) =>
  z.strictObject({
    effective: value,
    underfilled: value,
    throttled: value,
    waiting: value,
    heldIdle: value,
    emptyIdle: value,
    unobserved: value,
    rounding: value,
  });

/** An estimate between its bounds. */
export const band = <T extends z.ZodType>(value: T) =>
  z.strictObject({ estimate: value, low: value, high: value });

/** GPU-hours by state, with what is known of how much worked. */
export const gpuHours = z.strictObject({
  billed: hours,
  observed: hours,
  busy: hours.describe('some kernel was resident: an upper bound of what worked'),
  effective: z.strictObject({
    estimate: hours,
    low: hours,
    high: hours,
    basis: z.enum(['gpm', 'power', 'utilization', 'mixed']),
  }),
  wasted: band(hours).describe('low is beyond doubt: it takes effective at its highest'),
  byState: byState(hours),
  unobservedBy: z.strictObject({
    beforeFirstSample: hours,
    gap: hours,
    hiddenGpus: hours,
    driver: hours,
    notReported: hours,
    machineOff: hours,
  }),
});

/** Money by state. */
export const cost = z.strictObject({
  currency: z.string().regex(/^[A-Z]{3}$/),
  billed: money,
  wasted: band(money),
  wastedShare: band(z.number().nullable()).describe(
    'wasted / (billed − unobserved − rounding); null where nothing was observed',
  ),
  byState: byState(money),
});
