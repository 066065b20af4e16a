import { chmod, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { parseCard, readCard } from '../../src/rates/read-card.ts';

const good = `schema: gpucost.rates/1
provider: acme
currency: USD
sources:
  list: { note: made up for this test, read: 2026-01-01 }
defaults: { region: any, purchase: on-demand, as_of: 2026-01-01, source: list, confidence: high }
machines:
  box:
    gpu: T4
    gpus: 1
    prices:
      - per_hour: 2.50
`;

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpucost-cards-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function problems(text: string): readonly string[] {
  // CPU time: other tests that run beside this one must not count.
  const before = process.cpuUsage();
  try {
    parseCard(text, 'card.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    const { user, system } = process.cpuUsage(before);
    expect(user + system).toBeLessThan(1_000_000);
    return error instanceof UsageError ? error.message.split('\n') : [];
  }
  return [];
}

describe('a card', () => {
  it('keeps prices as they were written', () => {
    const card = parseCard(good.replace('2.50', '0.123456789'), 'card.yaml');
    expect(card.machines['box']?.prices?.[0]?.per_hour).toBe('0.123456789');
  });

  it('may use anchors and merge nothing by itself', () => {
    const text = `${good}  box2: { gpus: 2, prices: [&p { per_hour: 3 }] }\n  box3: { gpus: 2, prices: [*p] }\n`;
    expect(parseCard(text, 'card.yaml').machines['box3']?.prices).toEqual([{ per_hour: '3' }]);
  });

  it('is read from a file with a byte order mark', async () => {
    const path = join(folder, 'bom.yaml');
    await writeFile(path, `\uFEFF${good}`);
    expect((await readCard(path)).provider).toBe('acme');
  });
});

/** Each with the first line of its message, whole. */
const broken: readonly [string, string, string][] = [
  [
    'a tab',
    good.replace('    gpu: T4', '\tgpu: T4'),
    'card.yaml:9:1: expected spaces as indentation, got a tab',
  ],
  [
    'a double key',
    good.replace('gpu: T4', 'gpu: T4\n    gpu: L4'),
    'card.yaml:10:5: gpu: expected each key once, got it twice',
  ],
  [
    'a decimal comma in flow style',
    good.replace('- per_hour: 2.50', '- { per_hour: 2,50, region: us }'),
    'card.yaml:12:23: machines.box.prices[0].50: expected a known key, got "50": a decimal comma? Write 2.50, not 2,50',
  ],
  [
    'a decimal comma',
    good.replace('2.50', '2,50'),
    'card.yaml:12:19: machines.box.prices[0].per_hour: expected a plain decimal of at most 9 places, 0 or more, got "2,50": a decimal comma?',
  ],
  [
    '20 kB of brackets',
    '['.repeat(20_000),
    'card.yaml:1:51: expected at most 50 levels of nesting, got more',
  ],
  [
    '100 kB of nested lists',
    '- '.repeat(50_000),
    'card.yaml:1:101: expected at most 50 levels of nesting, got more',
  ],
  [
    'a wrong type',
    good.replace('gpus: 1', 'gpus: "1"'),
    'card.yaml:10:11: machines.box.gpus: expected a whole number of GPUs, any or attached, got "1": a text, leave out the quotes',
  ],
  [
    'a number for a map',
    good.replace(/box:[^]*$/, 'box: 5'),
    'card.yaml:8:8: machines.box: expected a map of keys, got "5"',
  ],
  [
    'a negative price',
    good.replace('2.50', '-2.50'),
    'card.yaml:12:19: machines.box.prices[0].per_hour: expected a plain decimal of at most 9 places, 0 or more, got "-2.50"',
  ],
  [
    'a price in exponents',
    good.replace('2.50', '25e-1'),
    'card.yaml:12:19: machines.box.prices[0].per_hour: expected a plain decimal of at most 9 places, 0 or more, got "25e-1"',
  ],
  [
    'an unknown key',
    good.replace('per_hour', 'per_huor'),
    'card.yaml:12:9: machines.box.prices[0].per_huor: expected a known key, got "per_huor"; did you mean per_hour?',
  ],
  [
    'a currency of its own in a price',
    good.replace('per_hour: 2.50', 'per_hour: 2.50\n        currency: EUR'),
    'card.yaml:13:9: machines.box.prices[0].currency: expected a known key, got "currency"; known keys: region, purchase, as_of, source, confidence, per_hour, per_gpu_hour, per_vcpu_hour, per_gib_hour, units_per_hour, own, bills, commitment, quota, valid, includes, statistic, automatic_discount, billing, note',
  ],
  [
    'a price without a date',
    good.replace('as_of: 2026-01-01, ', ''),
    'card.yaml:12:9: machines.box.prices[0].as_of: expected a date here or in defaults, got nothing (null if it is not known)',
  ],
  [
    'an unknown date with high confidence',
    good.replace('as_of: 2026-01-01', 'as_of: null'),
    'card.yaml:12:9: machines.box.prices[0].as_of: expected a date, or a confidence below high, got null with high',
  ],
  [
    'a date that does not exist',
    good.replace('as_of: 2026-01-01', 'as_of: 2026-02-30'),
    'card.yaml:6:54: defaults.as_of: expected a date such as 2026-07-20, got "2026-02-30"',
  ],
  [
    'a bomb of aliases',
    'a: &a [1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d]\n',
    'card.yaml:2:23: expected at most 50 aliases, got more',
  ],
  [
    'an anchor that loops',
    `${good}  loop: &loop { prices: [*loop] }\n`,
    'card.yaml:13:15: expected a value that ends, got an alias of itself',
  ],
  [
    'two documents',
    `${good}---\n${good}`,
    'card.yaml:13:1: expected one document a file, got a second one',
  ],
  ['a list', '- acme\n', 'card.yaml:1:1: expected a map of keys, got a list'],
  [
    'another schema',
    good.replace('gpucost.rates/1', 'gpucost.rates/2'),
    'card.yaml:1:9: schema: expected gpucost.rates/1, got "gpucost.rates/2"',
  ],
  [
    'a source that is not named',
    good.replace('source: list', 'source: page'),
    'card.yaml:12:9: machines.box.prices[0].source: expected an id of sources (list), got "page"',
  ],
  [
    'a price without a figure',
    good.replace('per_hour: 2.50', 'note: soon'),
    'card.yaml:12:9: machines.box.prices[0]: expected a price part (per_hour, per_gpu_hour, per_vcpu_hour, per_gib_hour, units_per_hour, own), got none; null if it is not known',
  ],
  [
    'the same price twice',
    good.replace('per_hour: 2.50', 'per_hour: 2.50\n      - per_hour: 3'),
    'card.yaml:13:9: machines.box.prices[1]: expected one price for any, on-demand and the same valid.from, got a second one',
  ],
  [
    'a key that is a prototype',
    `${good}__proto__: {}\n`,
    'card.yaml:13:1: expected a key, got __proto__',
  ],
];

describe('a broken card', () => {
  it.each(broken)('%s', (_, text, first) => {
    expect(problems(text)[0]).toBe(first);
  });

  it('tells all its problems at once, in the order of the file', () => {
    const text = good
      .replace('currency: USD', 'currency: Dollar')
      .replace('gpus: 1', 'gpus: -1\n    colour: red');
    expect(problems(text)).toEqual([
      'card.yaml:3:11: currency: expected an ISO 4217 currency such as USD, got "Dollar"',
      'card.yaml:10:11: machines.box.gpus: expected a whole number of GPUs, any or attached, got "-1"',
      expect.stringContaining(
        'card.yaml:11:5: machines.box.colour: expected a known key, got "colour"',
      ),
    ]);
  });

  it('shows at most 20 problems', () => {
    const lines = problems(
      `${good}${Array.from({ length: 60 }, (_, i) => `  m${i}: []`).join('\n')}\n`,
    );
    expect(lines).toHaveLength(21);
    expect(lines[20]).toBe('card.yaml: and 40 more problems');
  });

  it('stays within a second at the size limit', () => {
    expect(problems(`{${'a,'.repeat(127_000)}}`)[0]).toMatch(/^card\.yaml:1:/);
    expect(
      problems(Array.from({ length: 700 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')),
    ).not.toEqual([]);
  });
});

async function readError(path: string): Promise<string> {
  try {
    await readCard(path);
  } catch (error) {
    return error instanceof UsageError ? error.message : String(error);
  }
  return 'read';
}

describe('a file that can not be read', () => {
  it('of 50 MB is refused without reading it', async () => {
    const path = join(folder, 'large.yaml');
    const file = await open(path, 'w');
    await file.truncate(50_000_000);
    await file.close();
    const before = process.memoryUsage().rss;
    expect(await readError(path)).toBe(`${path}: expected at most 256000 bytes, got 50000000`);
    expect(process.memoryUsage().rss - before).toBeLessThan(20_000_000);
  });

  it('without permission', async () => {
    const path = join(folder, 'secret.yaml');
    await writeFile(path, good);
    await chmod(path, 0o000);
    // Root may read everything: the test then reads as nobody.
    const isRoot = process.geteuid?.() === 0;
    await chmod(folder, 0o755);
    if (isRoot) process.seteuid?.(65_534);
    try {
      expect(await readError(path)).toBe(`${path}: no permission to read it`);
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });

  it('that is not UTF-8', async () => {
    const path = join(folder, 'latin1.yaml');
    await writeFile(path, Buffer.from(good.replace('made up', 'für'), 'latin1'));
    expect(await readError(path)).toBe(`${path}:5:18: expected UTF-8 text, got the byte 0xfc`);
  });

  it('that is not there, or a folder', async () => {
    expect(await readError(join(folder, 'none.yaml'))).toMatch(/there is no such file$/);
    expect(await readError(folder)).toMatch(/expected a file, got a folder$/);
  });
});

it.each([
  [
    'a page of prose',
    '# gpucost\n\n`npm ci && npm test`\n\nIt reads: this, and that.\n- [a]: b\n`x`\n`y`\n',
  ],
  ['a program', "import { x } from 'y';\nconst a = {\n  b: [1, 2],\n};\nexport { a };\n`x`\n"],
  ['JSON of something else', '{"name": "x", "version": "1", "files": []}'],
])('%s is told in one line', (_, text) => {
  const [line, ...more] = problems(text);
  expect(line).toMatch(
    /^card\.yaml:1:1: expected a rate card \(YAML with schema: gpucost\.rates\/1/,
  );
  expect(more).toEqual([]);
});

it('another schema of ours is told in one line', () => {
  expect(problems('{"schema": "gpucost.report/1", "machines": [1, 2, 3]}')).toEqual([
    'card.yaml:1:12: schema: expected a rate card (YAML with schema: gpucost.rates/1, provider, currency and machines), got "gpucost.report/1"',
  ]);
});
