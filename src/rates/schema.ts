import { z } from 'zod';
import {
  count,
  currency,
  date,
  decimal,
  deviceCount,
  duration,
  fraction,
  identifier,
  name,
  quantity,
  share,
  text,
} from './schema-terms.ts';

const confidence = z
  .enum(['high', 'medium', 'low', 'none'], 'high, medium, low or none')
  .describe('How far the figure can be trusted; everything below high is warned of.');

const billing = z
  .strictObject({
    increment: duration
      .optional()
      .describe('A run is rounded up to a multiple of this; 1s if left out.'),
    minimum: duration.optional().describe('The least that a run is billed; 0s if left out.'),
    charged: z
      .enum(['while-allocated', 'always'], 'while-allocated or always')
      .optional()
      .describe('always: charged for the calendar, used or not.'),
  })
  .describe('Inherited key by key: file, machine, price.');

const own = z
  .strictObject({
    purchase_price: decimal,
    residual: decimal.optional().describe('What the machine is worth at the end of its life.'),
    lifetime: duration.describe('Written off in a straight line over calendar time.'),
    per_year: z
      .record(name, decimal)
      .optional()
      .describe('Yearly costs by name: staff, hosting, support.'),
    energy: z
      .strictObject({
        per_kwh: decimal,
        pue: quantity.optional().describe('Power usage effectiveness of the room; 1 if left out.'),
        host_watts: quantity
          .optional()
          .describe('What the machine draws beside its GPUs; 0 if left out.'),
      })
      .optional(),
  })
  .describe('A machine of your own: straight line over calendar time, 8,766 hours a year.');

const inherited = {
  region: name.optional().describe('As the provider spells it, or any.'),
  purchase: z
    .string('a word such as on-demand')
    .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'a word such as on-demand')
    .optional()
    .describe(
      'on-demand, spot, reserved, committed, capacity-block, marketplace, free and own have a fixed meaning.',
    ),
  as_of: date
    .nullable()
    .optional()
    .describe('When the price held; null only with confidence below high.'),
  source: identifier.optional().describe('An id of sources.'),
  confidence: confidence.optional(),
};

const price = z.strictObject({
  ...inherited,
  per_hour: decimal.nullable().optional().describe('Of the whole machine.'),
  per_gpu_hour: decimal.nullable().optional().describe('Of one device that nvidia-smi lists.'),
  per_vcpu_hour: decimal.nullable().optional(),
  per_gib_hour: decimal.nullable().optional().describe('Of one GiB of host memory.'),
  units_per_hour: decimal.nullable().optional().describe('Credit units; their price is in units.'),
  own: own.optional(),
  bills: z
    .enum(['machine', 'allocation'], 'machine or allocation')
    .optional()
    .describe('The whole machine, or what this container or job holds.'),
  commitment: z
    .strictObject({ term: duration, from: date, upfront: decimal.optional() })
    .optional()
    .describe('What is paid ahead is spread evenly over the term.'),
  quota: z
    .strictObject({
      hours: quantity,
      per: z.enum(['day', 'week', 'month'], 'day, week or month'),
    })
    .optional(),
  valid: z.strictObject({ from: date.optional(), until: date.optional() }).optional(),
  includes: z
    .array(text)
    .optional()
    .describe('What the price holds beside the machine, such as local-ssd.'),
  statistic: text
    .optional()
    .describe('What the figure is, where it is no list price: a median of offers.'),
  automatic_discount: identifier.optional().describe('An id of discounts.'),
  billing: billing.optional(),
  note: text.optional(),
});

const machine = z.strictObject({
  aliases: z.array(name).optional(),
  match: z
    .strictObject({
      machine_type: name.optional(),
      hostname: name.optional(),
      slurm_cluster: name.optional(),
      slurm_partition: name.optional(),
      env: z.record(name, z.string('a text')).optional(),
    })
    .optional()
    .describe('How the machine is recognised: exact, and all must hold.'),
  gpu: name.optional().describe('A key of the GPU table.'),
  gpus: deviceCount
    .optional()
    .describe('Devices that nvidia-smi lists: a number, any (sold in any count) or attached.'),
  share: fraction.optional().describe('Part of one physical GPU per device.'),
  mig: name.optional().describe('MIG profile per device, such as 1g.24gb.'),
  vcpus: quantity.optional(),
  memory_gib: quantity.optional(),
  billing: billing.optional(),
  prices: z.array(price).optional(),
  note: text.optional(),
});

const ending = z.strictObject({
  action: text,
  compute: z.enum(['ends', 'continues'], 'ends or continues'),
  keeps: z.array(text).optional().describe('What stays on the bill.'),
  storage: z
    .strictObject({ per_gib_month: decimal, running_per_gib_month: decimal.optional() })
    .optional(),
  note: text.optional(),
});

const units = z.strictObject({
  name: text,
  packs: z
    .array(z.strictObject({ units: count, price: decimal }))
    .min(1, 'at least one pack')
    .describe('The first is used.'),
  expire_after: duration.optional(),
  as_of: date.nullable(),
  source: identifier,
});

/** A rate card, schema gpucost.rates/1: the one source of types, checks and the published JSON Schema. */
export const cardSchema = z.strictObject({
  schema: z.literal('gpucost.rates/1', 'gpucost.rates/1'),
  provider: identifier,
  currency,
  billing: billing.optional(),
  ending: z.array(ending).optional(),
  sources: z.record(
    identifier,
    z.strictObject({ url: text.optional(), note: text.optional(), read: date }),
  ),
  defaults: z.strictObject(inherited).optional().describe('Inherited by every price of this file.'),
  units: units.optional(),
  discounts: z
    .record(
      identifier,
      z.strictObject({
        up_to: share,
        over: z.literal('calendar-month', 'calendar-month'),
      }),
    )
    .optional()
    .describe('Automatic discounts of the provider: shown as a bound, never applied.'),
  accelerators: z
    .record(name, z.strictObject({ prices: z.array(price), note: text.optional() }))
    .optional()
    .describe('By GPU key: added per device where a machine has gpus: attached.'),
  machines: z.record(name, machine),
});

/** A rate card as one file says it, amounts as text. */
export type RateCard = z.output<typeof cardSchema>;
export type CardMachine = RateCard['machines'][string];
export type CardPrice = z.output<typeof price>;
export type CardBilling = z.output<typeof billing>;
export type CardOwn = z.output<typeof own>;
export type Confidence = z.output<typeof confidence>;

/** The JSON Schema of rate cards, for editors and `gpucost schema rates`. */
export function ratesJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...rest } = z.toJSONSchema(cardSchema, { io: 'input', unrepresentable: 'any' });
  return { $schema, title: 'gpucost rate card, gpucost.rates/1', ...rest };
}
