import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { builtInCards, builtInGpus } from '../../src/rates/built-in.ts';
import { parseCard } from '../../src/rates/read-card.ts';
import { ratesJsonSchema } from '../../src/rates/schema.ts';

const rates = fileURLToPath(new URL('../../rates/', import.meta.url));
const cards = readdirSync(rates).filter((file) => file.endsWith('.yaml') && file !== 'gpus.yaml');
const examples = readdirSync(`${rates}examples`).map((file) => `examples/${file}`);

describe('the shipped cards', () => {
  it.each([...cards, ...examples])('%s is valid', (file) => {
    expect(parseCard(readFileSync(rates + file, 'utf8'), file).schema).toBe('gpucost.rates/1');
  });

  it('name GPUs that the GPU table has', () => {
    const unknown = builtInCards().flatMap(({ machines, accelerators }) =>
      [...[...machines.values()].map(({ facts }) => facts.gpu), ...accelerators.keys()].filter(
        (gpu) => gpu !== undefined && !Object.hasOwn(builtInGpus().gpus, gpu),
      ),
    );
    expect(unknown).toEqual([]);
  });

  it('say for every price where it is from, and doubt those without a date', () => {
    for (const card of builtInCards()) {
      const prices = [...card.machines.values()].flatMap((machine) => machine.prices);
      expect(prices.length).toBeGreaterThan(0);
      for (const price of prices) {
        expect(price.source).toMatch(/^\w+\.yaml: /);
        if (price.asOf === null) expect(price.confidence).not.toBe('high');
      }
    }
  });
});

describe('the published JSON Schema', () => {
  const published = z.fromJSONSchema({ ...ratesJsonSchema() });

  it.each([...cards, ...examples])('takes %s, as an editor reads it', (file) => {
    expect(published.safeParse(parse(readFileSync(rates + file, 'utf8'))).error).toBeUndefined();
  });

  it.each([
    ['a price as text', { per_hour: '2.50' }],
    ['an unknown key', { per_huor: 2.5 }],
    ['a negative price', { per_hour: -2.5 }],
  ])('refuses %s', (_, price) => {
    const card = {
      schema: 'gpucost.rates/1',
      provider: 'acme',
      currency: 'USD',
      sources: {},
      machines: { box: { gpus: 1, prices: [price] } },
    };
    expect(published.safeParse(card).success).toBe(false);
  });
});

it('publishes the JSON Schema that editors read', async () => {
  await expect(`${JSON.stringify(ratesJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
    '../../rates/rate-card.schema.json',
  );
});
