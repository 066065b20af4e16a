import { z } from 'zod';
import { differenceCauses } from '../bill/reconcile.ts';

const instant = z.iso.datetime().describe('ISO 8601, UTC');
const money = z.number().describe('in the currency named beside it');
const machineHours = z.number().min(0).describe('hours of the machine, not of its GPUs');

/** An estimate beside an invoice: estimated + differences = charged, exactly in millionths. */
export const reconciliationSchema = z.strictObject({
  machine: z.string(),
  invoice: z.strictObject({
    name: z.string(),
    resource: z.string().describe("the provider's id of the machine"),
    chosenBy: z
      .enum(['flag', 'type', 'type-and-region'])
      .describe('named by --resource, or the only one that fits'),
    type: z.string().nullable(),
    start: instant,
    end: instant.describe('start and end of its rows that touch the window; they count whole'),
    rows: z.number().int(),
    rowsWithoutResource: z
      .number()
      .int()
      .describe('of the whole file, left out: tax and fees often name no resource'),
  }),
  currency: z.string().regex(/^[A-Z]{3}$/),
  estimated: z.strictObject({ cost: money, machineHours }),
  charged: z.strictObject({
    cost: money.describe('with discounts, and with commitments spread over what they cover'),
    machineHours: machineHours
      .nullable()
      .describe('null where its quantities are not machine time'),
  }),
  differences: z
    .array(
      z.strictObject({ cause: z.enum(differenceCauses), cost: money, explanation: z.string() }),
    )
    .describe('what was charged more (or, below zero, less) than estimated, by cause'),
});
