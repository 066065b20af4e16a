import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { builtInCards } from '../../../src/rates/built-in.ts';
import { importRates } from '../../../src/rates/import/import-rates.ts';
import type { ImportOptions } from '../../../src/rates/import/options.ts';
import { mergeCards } from '../../../src/rates/merge.ts';

const cards = mergeCards(builtInCards());
let server: Server | null = null;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(answer: RequestListener): Promise<string> {
  const started = createServer(answer);
  server = started;
  await new Promise<void>((resolve) => {
    started.listen(0, '127.0.0.1', resolve);
  });
  const address = started.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

function importFrom(source: string, options: Partial<ImportOptions> = {}) {
  return importRates(
    { source, format: 'azure-retail', isNetworkAllowed: true, cards, ...options },
    '2026-11-23',
  );
}

async function message(action: Promise<unknown>): Promise<string> {
  try {
    await action;
  } catch (error) {
    return error instanceof UsageError ? error.message : `not a UsageError: ${String(error)}`;
  }
  return 'no error';
}

function page(region: string, next: string | null): string {
  const item = {
    armSkuName: 'Standard_NC4as_T4_v3',
    armRegionName: region,
    currencyCode: 'USD',
    effectiveStartDate: '2026-05-01T00:00:00Z',
    meterName: 'NC4as T4 v3',
    productName: 'Virtual Machines NCasT4 v3 Series',
    retailPrice: 0.5,
    serviceName: 'Virtual Machines',
    skuName: 'NC4as T4 v3',
    tierMinimumUnits: 0,
    type: 'Consumption',
    unitOfMeasure: '1 Hour',
  };
  return JSON.stringify({ Items: [item], NextPageLink: next });
}

describe('a price list at an address', () => {
  it('is read page by page, as long as the pages are of the same origin', async () => {
    const asked: string[] = [];
    const base = await serve((request, response) => {
      asked.push(request.url ?? '');
      if (request.url === '/1') response.end(page('eastus', `${base}/2`));
      else response.end(page('westus', 'http://elsewhere.invalid/3'));
    });
    const { card, tally } = await importFrom(`${base}/1`);
    expect(asked).toEqual(['/1', '/2']);
    expect(tally.rowsTaken).toBe(2);
    expect(card).toContain('region: westus');
    expect(card).toContain(`url: "${base}/1"`);
  });

  it('is streamed as CSV', async () => {
    const list = readFileSync(
      fileURLToPath(new URL('fixtures/aws-pricelist.csv', import.meta.url)),
    );
    const base = await serve((_, response) => {
      for (let i = 0; i < list.length; i += 100) response.write(list.subarray(i, i + 100));
      response.end();
    });
    const { tally } = await importFrom(`${base}/index.csv`, { format: 'aws-pricelist' });
    expect([tally.rowsRead, tally.rowsTaken]).toEqual([12, 3]);
  });

  it('that is missing, silent or torn is an error that names it', async () => {
    const base = await serve((request, response) => {
      if (request.url === '/missing') {
        response.statusCode = 404;
        response.end();
      } else if (request.url === '/torn') response.end('{"Items": [');
      // Else silence.
    });
    expect(await message(importFrom(`${base}/missing`))).toBe(
      `${base}/missing: the server answered 404 Not Found`,
    );
    expect(await message(importFrom(`${base}/torn`))).toMatch(/\/torn: expected JSON: /);
    expect(await message(importFrom(`${base}/silent`, { silenceMs: 100 }))).toBe(
      `${base}/silent: can't be downloaded: no answer in time`,
    );
    expect(await message(importFrom('http://127.0.0.1:9/nobody'))).toMatch(
      /can't be downloaded: .*ECONNREFUSED|bad port/,
    );
  });
});
