import { describe, expect, it } from 'vitest';
import { decimalFromNanos } from '../../src/bill/money.ts';
import type { MachineRate } from '../../src/bill/rate.ts';
import { UsageError } from '../../src/errors.ts';
import { type RateQuery, resolveRate } from '../../src/rates/resolve.ts';
import { cardOf, cardsOf, defaults } from './card-text.ts';

const nowMs = Date.parse('2026-02-01T00:00:00Z');

function resolve(cards: ReturnType<typeof cardsOf>, query: Partial<RateQuery> & { type: string }) {
  return resolveRate(cards, { atMs: nowMs, nowMs, ...query });
}

function rateOf(
  cards: ReturnType<typeof cardsOf>,
  query: Partial<RateQuery> & { type: string },
): MachineRate {
  const resolution = resolve(cards, query);
  if (resolution.rate === null) throw new Error(resolution.reason);
  return resolution.rate;
}

function perHour(
  cards: ReturnType<typeof cardsOf>,
  query: Partial<RateQuery> & { type: string },
): string {
  return decimalFromNanos(rateOf(cards, query).perHourNanos);
}

function caught(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

function reason(
  cards: ReturnType<typeof cardsOf>,
  query: Partial<RateQuery> & { type: string },
): string {
  const resolution = resolve(cards, query);
  return resolution.rate === null ? resolution.reason : 'resolved';
}

const eight = cardsOf(
  cardOf(`${defaults}
machines:
  node: { gpu: H100-SXM5-80GB, gpus: 8, prices: [{ per_hour: 55.04 }, { purchase: held, per_hour: 55.04, bills: allocation }] }
`),
);

describe('what is billed', () => {
  it('is the whole machine for a price per hour, whatever can be seen', () => {
    const rate = rateOf(eight, {
      type: 'node',
      purchase: 'on-demand',
      visibleGpus: [{ key: 'H100-SXM5-80GB', count: 2 }],
    });
    expect(decimalFromNanos(rate.perHourNanos)).toBe('55.04');
    expect(rate).toMatchObject({ bills: 'machine', gpuCount: 8 });
  });

  it('is 2 of 8 GPUs of an allocation: 55.04 × 2 / 8 = 13.76', () => {
    const visibleGpus = [{ key: 'H100-SXM5-80GB', count: 2 }];
    expect(perHour(eight, { type: 'node', purchase: 'held', visibleGpus })).toBe('13.76');
    expect(reason(eight, { type: 'node', purchase: 'held' })).toBe(
      'acme/node: the allocation is billed, and how many of its GPUs are held is not known',
    );
  });

  it('is what is held for a price per GPU: 3 × 3.99 = 11.97', () => {
    const cards = cardsOf(
      cardOf(`${defaults}\nmachines: { pod: { gpus: any, prices: [{ per_gpu_hour: 3.99 }] } }\n`),
    );
    expect(perHour(cards, { type: 'pod', visibleGpus: [{ key: null, count: 3 }] })).toBe('11.97');
    expect(rateOf(cards, { type: 'pod', visibleGpus: [{ key: null, count: 3 }] })).toMatchObject({
      bills: 'allocation',
      gpuCount: null,
    });
    expect(reason(cards, { type: 'pod' })).toBe(
      'acme/pod: it is priced per GPU, and the number of GPUs is not known',
    );
  });

  it('is the machine for a list per GPU that says so: 8 × 3.99 = 31.92', () => {
    const cards = cardsOf(
      cardOf(
        `${defaults}\nmachines: { node: { gpus: 8, prices: [{ per_gpu_hour: 3.99, bills: machine }] } }\n`,
      ),
    );
    const rate = rateOf(cards, { type: 'node', visibleGpus: [{ key: null, count: 2 }] });
    expect([decimalFromNanos(rate.perHourNanos), rate.bills, rate.gpuCount]).toEqual([
      '31.92',
      'machine',
      8,
    ]);
  });

  it('adds up a site rate: 2 GPUs × 0.60 + 16 vCPUs × 0.01 + 128 GiB × 0.001 = 1.488', () => {
    const cards = cardsOf(
      cardOf(`${defaults}
machines:
  mixed: { gpus: any, vcpus: 64, memory_gib: 512, prices: [{ per_gpu_hour: 0.60, per_vcpu_hour: 0.01, per_gib_hour: 0.001, bills: allocation }] }
`),
    );
    const held = { visibleGpus: [{ key: 'L40S', count: 2 }], vcpus: 16, memoryGib: 128 };
    const rate = rateOf(cards, { type: 'mixed', ...held });
    expect(decimalFromNanos(rate.perHourNanos)).toBe('1.488');
    expect(rate.parts.map(({ name, quantity, unit }) => [name, quantity, unit])).toEqual([
      ['GPU', 2, 'GPU'],
      ['vCPU', 16, 'vCPU'],
      ['memory', 128, 'GiB'],
    ]);
    expect(reason(cards, { type: 'mixed', ...held, vcpus: null })).toBe(
      'acme/mixed: it is priced by vCPUs, and their number is not known',
    );
  });

  it('is a slice of a GPU at the price of the slice', () => {
    const cards = cardsOf(
      cardOf(
        `${defaults}\nmachines: { slice: { gpu: L4, gpus: 1, share: 1/8, prices: [{ per_hour: 0.202 }] } }\n`,
      ),
    );
    expect(rateOf(cards, { type: 'slice' })).toMatchObject({
      gpuShare: '1/8',
      gpuCount: 1,
      perHourNanos: 202_000_000n,
    });
  });
});

describe('attached accelerators', () => {
  const cards = cardsOf(
    cardOf(`${defaults}
discounts: { sustained-use: { up_to: 0.30, over: calendar-month } }
accelerators:
  T4: { prices: [{ per_gpu_hour: 0.35, as_of: null, source: other, confidence: medium, automatic_discount: sustained-use }] }
machines:
  n1-standard-4: { gpus: attached, vcpus: 4, prices: [{ per_hour: 0.189999, automatic_discount: sustained-use }] }
`),
  );

  it('add to the host, each with its own date: 0.189999 + 1 × 0.35 = 0.539999', () => {
    const rate = rateOf(cards, { type: 'n1-standard-4', visibleGpus: [{ key: 'T4', count: 1 }] });
    expect(decimalFromNanos(rate.perHourNanos)).toBe('0.539999');
    expect(rate.parts.map(({ name, asOf, confidence }) => [name, asOf, confidence])).toEqual([
      ['machine', '2026-01-01', 'high'],
      ['T4', null, 'medium'],
    ]);
    expect(rate.warnings.map(({ code }) => code)).toEqual([
      'rate-undated',
      'rate-doubtful',
      'rate-automatic-discount',
    ]);
    expect(rate.gpuCount).toBe(1);
  });

  it('cost 2 h 30 min: 1.3499975, as host 0.4749975 and GPU 0.875', () => {
    const { parts } = rateOf(cards, {
      type: 'n1-standard-4',
      visibleGpus: [{ key: 'T4', count: 1 }],
    });
    expect(parts.map((part) => decimalFromNanos((part.perHourNanos * 5n) / 2n))).toEqual([
      '0.4749975',
      '0.875',
    ]);
  });

  it('give no rate where they are not known', () => {
    expect(reason(cards, { type: 'n1-standard-4' })).toMatch(/which ones is not known$/);
    expect(
      reason(cards, { type: 'n1-standard-4', visibleGpus: [{ key: 'L4', count: 1 }] }),
    ).toMatch(/has none for L4$/);
  });
});

describe('credit units', () => {
  const units = (price: string, packUnits: number) =>
    cardsOf(
      cardOf(`${defaults}
units: { name: compute units, packs: [{ units: ${packUnits}, price: ${price} }, { units: 500, price: 49.99 }], as_of: 2025-06-01, source: other }
machines: { colab: { gpu: T4, gpus: 1, prices: [{ units_per_hour: 1.86 }] } }
`),
    );

  it('cost units per hour × the first pack: 1.86 × 9.99 / 100 = 0.185814', () => {
    const rate = rateOf(units('9.99', 100), { type: 'colab' });
    expect(decimalFromNanos(rate.perHourNanos)).toBe('0.185814');
    expect(rate.parts[0]).toMatchObject({
      quantity: 1.86,
      unit: 'compute unit',
      perUnitHourNanos: 99_900_000n,
      asOf: '2025-06-01',
    });
  });

  it('round once, half up, to a billionth: 1.86 × 10 / 7 = 2.657142857', () => {
    expect(perHour(units('10', 7), { type: 'colab' })).toBe('2.657142857');
  });
});

describe('a reservation', () => {
  it('has what was paid ahead spread over its term: 26298 over 3 years of 8,766 h = 1, and 2 an hour', () => {
    const cards = cardsOf(
      cardOf(`${defaults}
machines:
  node:
    gpus: 8
    prices: [{ purchase: reserved, per_hour: 2, commitment: { term: 3y, from: 2026-01-01, upfront: 26298 }, billing: { charged: always } }]
`),
    );
    const rate = rateOf(cards, { type: 'node' });
    expect(rate).toMatchObject({ perHourNanos: 3_000_000_000n, charged: 'always' });
    expect(rate.parts.map(({ name, perHourNanos }) => [name, perHourNanos])).toEqual([
      ['machine', 2_000_000_000n],
      ['paid ahead, over 3y', 1_000_000_000n],
    ]);
  });
});

describe('which price is taken', () => {
  const cards = cardsOf(
    cardOf(`
defaults: { region: north, purchase: on-demand, as_of: 2026-01-01, source: list, confidence: high }
machines:
  box:
    gpus: 1
    prices:
      - { per_hour: 2 }
      - { per_hour: 3, region: south }
      - { per_hour: 1, purchase: spot }
  old:
    gpus: 1
    prices:
      - { per_hour: 2, valid: { until: 2026-01-15 } }
      - { per_hour: 4, valid: { from: 2026-01-15 } }
  unknown:
    gpus: 1
    prices: [{ purchase: capacity-block, per_hour: null, as_of: null, confidence: none, note: paid ahead }]
  two: { gpus: 1, prices: [{ purchase: secure, per_hour: 2 }, { purchase: community, per_hour: 1 }] }
  far: { gpus: 1, prices: [{ region: a, per_hour: 1 }, { region: b, per_hour: 2 }] }
`),
  );

  it('is the one asked for', () => {
    expect(perHour(cards, { type: 'box', region: 'south', purchase: 'on-demand' })).toBe('3');
    expect(perHour(cards, { type: 'box', region: 'north', purchase: 'spot' })).toBe('1');
  });

  it('is the default one where nothing is known, and says so', () => {
    const rate = rateOf(cards, { type: 'box' });
    expect(decimalFromNanos(rate.perHourNanos)).toBe('2');
    expect(rate.warnings).toEqual([
      {
        code: 'purchase-assumed',
        message:
          'how the machine was bought is not known: priced as on-demand, not spot (--purchase)',
      },
      {
        code: 'region-assumed',
        message:
          'the region is not known: priced as in north, where the regions cost 2 to 3 an hour (--region)',
      },
    ]);
  });

  it('is never another region or purchase than the one asked for', () => {
    expect(reason(cards, { type: 'box', region: 'west' })).toBe(
      'acme/box: no price for the region west, only for north, south',
    );
    expect(reason(cards, { type: 'box', purchase: 'reserved' })).toBe(
      'acme/box: no reserved price on the card, only on-demand, spot',
    );
    expect(reason(cards, { type: 'box', region: 'south', purchase: 'spot' })).toBe(
      'acme/box: no spot price on the card, only on-demand',
    );
    const resolution = resolve(cards, { type: 'box', region: 'west' });
    expect(resolution.rate === null && resolution.candidates).toHaveLength(3);
  });

  it('is left open where no answer stands out', () => {
    expect(reason(cards, { type: 'two' })).toBe(
      'acme/two: it is sold as community, secure: pass --purchase',
    );
    expect(reason(cards, { type: 'far' })).toBe(
      'acme/far: the price depends on the region (a, b): pass --region',
    );
  });

  it('is the one that was valid then', () => {
    const at = (day: string) => ({ type: 'old', atMs: Date.parse(`${day}T00:00:00Z`) });
    expect([perHour(cards, at('2026-01-14')), perHour(cards, at('2026-01-15'))]).toEqual([
      '2',
      '4',
    ]);
  });

  it('is unknown where the card says so', () => {
    expect(reason(cards, { type: 'unknown' })).toBe(
      'acme/unknown: it is sold as capacity-block in north, but the price is not known (paid ahead)',
    );
  });
});

describe('an unknown machine', () => {
  const cards = cardsOf(
    cardOf(
      `${defaults}\nmachines: { p4d.24xlarge: { gpus: 8, aliases: [big], prices: [{ per_hour: 1 }] } }\n`,
      { provider: 'aws' },
    ),
    cardOf(`${defaults}\nmachines: { same: { gpus: 1, prices: [{ per_hour: 1 }] } }\n`, {
      provider: 'one',
    }),
    cardOf(`${defaults}\nmachines: { same: { gpus: 1, prices: [{ per_hour: 1 }] } }\n`, {
      provider: 'two',
    }),
  );

  it.each([
    ['p4d.24xlrage', 'unknown machine type "p4d.24xlrage": did you mean aws/p4d.24xlarge?'],
    ['one/p4d.24xlarge', 'unknown machine type "one/p4d.24xlarge": did you mean aws/p4d.24xlarge?'],
    [
      'ml.p4d.24xlarge',
      'unknown machine type "ml.p4d.24xlarge": SageMaker\'s prices are on no card',
    ],
    ['nothing-like-it', 'unknown machine type "nothing-like-it"'],
    ['same', 'machine type "same" is sold by several: one/same, two/same'],
  ])('%s is an error', (type, message) => {
    const error = caught(() => resolve(cards, { type }));
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toHaveProperty('message', message);
  });

  it.each(['p4d.24xlarge', 'aws/p4d.24xlarge', 'big', 'P4D.24XLARGE', 'AWS/p4d.24xlarge'])(
    '%s is found',
    (type) => {
      expect(rateOf(cards, { type }).type).toBe('p4d.24xlarge');
    },
  );
});

describe('warnings', () => {
  const cards = cardsOf(
    cardOf(
      `${defaults}\nmachines: { box: { gpu: T4, gpus: 1, prices: [{ per_hour: 1, statistic: median of 4 offers, quota: { hours: 30, per: week } }] } }\n`,
    ),
  );
  const codes = (query: Partial<RateQuery>) =>
    rateOf(cards, { type: 'box', ...query }).warnings.map(({ code }) => code);

  it('come above 90 days, not at 90', () => {
    const after = (days: number) =>
      codes({ nowMs: Date.parse('2026-01-01T00:00:00Z') + days * 86_400_000 });
    expect(after(90)).not.toContain('rate-stale');
    expect(after(91)).toContain('rate-stale');
  });

  it('name statistics, quotas and GPUs that do not fit', () => {
    expect(codes({ visibleGpus: [{ key: 'L4', count: 2 }] })).toEqual([
      'rate-statistic',
      'rate-quota',
      'gpu-differs',
      'gpu-differs',
    ]);
  });
});

describe('billing terms', () => {
  it('are inherited key by key: file, machine, price', () => {
    const cards = cardsOf(
      cardOf(`${defaults}
billing: { increment: 1m, minimum: 60s }
machines:
  plain: { gpus: 1, prices: [{ per_hour: 1 }] }
  metal: { gpus: 1, billing: { minimum: 1h }, prices: [{ per_hour: 1, billing: { charged: always } }] }
`),
    );
    expect(rateOf(cards, { type: 'plain' })).toMatchObject({
      incrementMs: 60_000,
      minimumMs: 60_000,
      charged: 'while-allocated',
    });
    expect(rateOf(cards, { type: 'metal' })).toMatchObject({
      incrementMs: 60_000,
      minimumMs: 3_600_000,
      charged: 'always',
    });
  });
});
