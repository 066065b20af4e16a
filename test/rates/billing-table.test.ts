import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { billingTable } from '../../src/rates/billing-table.ts';
import { parseCard } from '../../src/rates/read-card.ts';

const folder = new URL('../../rates/', import.meta.url);
const cards = readdirSync(folder)
  .filter((file) => file.endsWith('.yaml') && file !== 'gpus.yaml')
  .map((file) => parseCard(readFileSync(new URL(file, folder), 'utf8'), file));

it('README has the table that `npm run docs` writes', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const written = readme.split('<!-- billing:start -->\n')[1]?.split('\n<!-- billing:end -->')[0];
  expect(written).toBe(billingTable(cards));
});

it('says what is not known', () => {
  const row = (provider: string) =>
    billingTable(cards.filter((card) => card.provider === provider)).split('\n')[2];
  expect(row('nebius')).toBe('| nebius | not found | delete |  | none read |');
  expect(row('lambda')).toContain('| 1m, at least 60s a run | terminate: there is no stop');
});
