import { describe, expect, it } from 'vitest';
import { decimalFromNanos } from '../../src/bill/money.ts';
import { resolveOver } from '../../src/rates/resolve-over.ts';
import { cardOf, cardsOf, defaults } from './card-text.ts';

const ms = (day: string) => Date.parse(day.length > 10 ? day : `${day}T00:00:00Z`);
const nowMs = ms('2026-02-01');

/** `01-10` to `02-10` of a machine `node` with these prices, as one stretch; `from` cuts its head. */
function over(
  prices: string,
  span: { readonly full?: string; readonly from?: string; readonly until?: string } = {},
  more: { readonly type?: string; readonly extra?: string; readonly purchase?: string } = {},
) {
  const { full = '2026-01-10', from = full, until = '2026-02-10' } = span;
  const cards = cardsOf(
    cardOf(`${defaults}
${more.extra ?? ''}
machines: { node: { gpus: ${more.extra === undefined ? 8 : 'attached'}, prices: [${prices}] } }
`),
  );
  return resolveOver(
    cards,
    {
      type: 'node',
      purchase: more.purchase ?? null,
      visibleGpus: [{ key: 'T4', count: 1 }],
      atMs: ms(from),
      nowMs,
    },
    [{ fullStartMs: ms(full), startMs: ms(from), endMs: ms(until) }],
  );
}

function periods(...args: Parameters<typeof over>): unknown {
  const { rate, ...none } = over(...args);
  if (rate === null) return 'reason' in none ? none.reason : 'no reason';
  const said = rate.pricePeriods?.map(({ fromMs, rate: price }) => [
    new Date(fromMs).toISOString().slice(0, 10),
    decimalFromNanos(price.perHourNanos),
  ]);
  return { perHour: decimalFromNanos(rate.perHourNanos), periods: said };
}

const january = '{ per_hour: 6.88, valid: { until: 2026-02-01 } }';
const february = '{ per_hour: 5.00, valid: { from: 2026-02-01 } }';

describe('prices with adjoining days', () => {
  it('are told where one takes over inside the time', () => {
    expect(periods(`${january}, ${february}`)).toEqual({
      perHour: '6.88',
      periods: [
        ['2026-01-10', '6.88'],
        ['2026-02-01', '5'],
      ],
    });
  });

  it('are one price before and after, and up to the very instant', () => {
    const both = `${january}, ${february}`;
    expect(periods(both, { until: '2026-02-01' })).toEqual({ perHour: '6.88' });
    expect(periods(both, { full: '2026-02-01' })).toEqual({ perHour: '5' });
  });

  it('are one price where nothing changes', () => {
    const same = '{ per_hour: 6.88, valid: { from: 2026-02-01 } }';
    expect(periods(`${january}, ${same}`)).toEqual({ perHour: '6.88' });
  });

  it('show the price at which a window begins, and keep what the run cost before', () => {
    expect(periods(`${january}, ${february}`, { from: '2026-02-05' })).toEqual({
      perHour: '5',
      periods: [
        ['2026-01-10', '6.88'],
        ['2026-02-01', '5'],
      ],
    });
  });

  it('change with a price of some days over one without end, and back', () => {
    const offer = '{ per_hour: 4, valid: { from: 2026-01-20, until: 2026-01-25 } }';
    expect(periods(`{ per_hour: 6.88 }, ${offer}`)).toMatchObject({
      periods: [
        ['2026-01-10', '6.88'],
        ['2026-01-20', '4'],
        ['2026-01-25', '6.88'],
      ],
    });
  });

  it('change with an accelerator: 1 + 0.35, then 1 + 0.25', () => {
    const extra = `accelerators:
  T4: { prices: [{ per_gpu_hour: 0.35, valid: { until: 2026-02-01 } }, { per_gpu_hour: 0.25, valid: { from: 2026-02-01 } }] }`;
    expect(periods('{ per_hour: 1 }', {}, { extra })).toMatchObject({
      periods: [
        ['2026-01-10', '1.35'],
        ['2026-02-01', '1.25'],
      ],
    });
  });

  it('are of one purchase: spot from February on is no price of the machine on demand', () => {
    const spot = '{ purchase: spot, per_hour: 2, valid: { from: 2026-02-01 } }';
    expect(periods(`${january}, ${spot}`)).toBe(
      'acme/node: no on-demand price on the card, only spot (from 2026-02-01T00:00:00.000Z)',
    );
  });
});

describe('no rate', () => {
  const unknown = '{ per_hour: null, valid: { from: 2026-02-01 } }';

  it('where the figure of a period is not known', () => {
    expect(periods(`${january}, ${unknown}`)).toBe(
      'acme/node: it is sold as on-demand, but the price is not known (from 2026-02-01T00:00:00.000Z)',
    );
  });

  it('where no price is valid in between', () => {
    const march = '{ per_hour: 5, valid: { from: 2026-02-05 } }';
    expect(periods(`${january}, ${march}`)).toContain('no price is valid at that time');
  });

  it('where a later price bills by other terms', () => {
    const other = '{ per_hour: 5, valid: { from: 2026-02-01 }, billing: { charged: always } }';
    expect(periods(`${january}, ${other}`)).toBe(
      'acme/node: it is billed by other terms, report the time before and after apart with --until and --since (from 2026-02-01T00:00:00.000Z)',
    );
  });

  it('is no matter where that time is not billed', () => {
    const known = '{ per_hour: 6.88, valid: { from: 2026-01-20 } }';
    // Cut away in front; the money is counted from where a price is known.
    expect(periods(known, { from: '2026-01-22' })).toEqual({
      perHour: '6.88',
      periods: [['2026-01-20', '6.88']],
    });
    expect(periods(`${january}, ${unknown}`, { until: '2026-01-31' })).toEqual({ perHour: '6.88' });
  });

  it('is no matter while the machine was off', () => {
    const march = '{ per_hour: 5, valid: { from: 2026-03-01 } }';
    const cards = cardsOf(
      cardOf(`${defaults}\nmachines: { node: { gpus: 8, prices: [${january}, ${march}] } }\n`),
    );
    const runs = [
      ['2026-01-10', '2026-01-12'],
      ['2026-03-03', '2026-03-04'],
    ].map(([from = '', until = '']) => ({
      fullStartMs: ms(from),
      startMs: ms(from),
      endMs: ms(until),
    }));
    const { rate } = resolveOver(cards, { type: 'node', atMs: ms('2026-01-10'), nowMs }, runs);
    expect(rate?.pricePeriods?.map(({ rate: price }) => price.perHourNanos)).toEqual([
      6_880_000_000n,
      5_000_000_000n,
    ]);
  });
});
