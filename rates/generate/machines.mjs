import { Figure, figure } from './yaml.mjs';

const shares = new Map([
  ['0.125', '1/8'],
  ['0.166667', '1/6'],
  ['0.25', '1/4'],
  ['0.333333', '1/3'],
  ['0.5', '1/2'],
]);

/** Sold in any count, at a price per GPU. */
const perGpu = new Set(['runpod', 'crusoe', 'hyperstack', 'vast']);

const withLocalSsd = /^(?:a2-ultragpu|a3-highgpu)/;

/** Doubts that a reader of the bill should know, by provider/type. */
const notes = {
  'azure/Standard_NC48ads_A100_v4': 'another list of 2026-11-09 has 9.554 for eastus',
  'azure/Standard_NC96ads_A100_v4': 'another list of 2026-11-09 has about 19.11 for eastus',
  'azure/Standard_NC80adis_H100_v5': 'another list of 2026-11-09 has 17.64 for eastus',
  'gcp/a3-ultragpu-8g': '8 times the price per GPU-hour; local SSD may not be in it',
  'gcp/a3-megagpu-8g': 'VM part and accelerator part of different rows; local SSD is not in it',
  'gcp/a4-highgpu-8g':
    '64.44 and 90.216 are both listed, and which is the plain on-demand price is not settled',
  'aws/p5e.48xlarge': 'sold in Capacity Blocks only',
  'colab/colab-h100': 'offered since 2026; what it draws is not known',
  'colab/colab-g4': 'offered since 2026; what it draws is not known',
  'lambda/gpu_4x_a6000': 'a later page has 1.09 per GPU for some types',
};

/** Colab lends T4s without payment too, as long as there are some. */
const freeColab = {
  region: 'any',
  purchase: 'free',
  per_hour: new Figure('0'),
  as_of: null,
  source: 'unsourced',
  confidence: 'low',
  note: 'not promised, and not for long',
};

const stale = 'from the first version of a catalogue, likely to be out of date';

export function isNvidia(row) {
  return !/^(?:AMD|INTEL)-/.test(row.gpu_key);
}

/** The machine's name on the card, which is the provider's where there is one. */
export function machineName({ provider, machine_type: type }) {
  if (provider === 'runpod')
    return type
      .replace(/^1x_/, '')
      .replace(/_(?:SECURE|COMMUNITY)$/, '')
      .toLowerCase();
  if (provider === 'vast')
    return type
      .replace(/^market\//, '')
      .replaceAll(' ', '-')
      .toLowerCase();
  return type.replace(/\.?\s*\(per GPU\)$/, '');
}

export function machineFacts(row, gpuNames) {
  const share = shares.get(row.gpu_count);
  if (row.provider === 'runpod') {
    const name = gpuNames.get(row.gpu_key);
    return { aliases: name === undefined ? undefined : [name], gpu: row.gpu_key, gpus: 'any' };
  }
  if (perGpu.has(row.provider)) return { gpu: row.gpu_key, gpus: 'any' };
  return {
    gpu: row.gpu_key,
    gpus: share === undefined ? Number(row.gpu_count) : 1,
    share,
    vcpus: row.vcpus === '' ? undefined : Number(row.vcpus),
    memory_gib: row.host_mem_gib === '' ? undefined : Number(row.host_mem_gib),
    billing:
      row.provider === 'oci' && row.machine_type.startsWith('BM.') ? { minimum: '1h' } : undefined,
  };
}

/** The prices of one row: on-demand, and spot where there is one. */
export function rowPrices(row, sourceId) {
  const name = machineName(row);
  const note =
    notes[`${row.provider}/${name}`] ?? (row.notes.includes('v8 initial file') ? stale : undefined);
  const common = {
    region: region(row),
    as_of: /^\d{4}-\d{2}-\d{2}/.exec(row.as_of)?.[0] ?? null,
    source: sourceId,
    confidence: row.confidence === 'n/a' ? 'none' : row.confidence,
  };
  const prices = [];
  if (row.provider === 'colab') {
    const units = /^([\d.]+) units\/h/.exec(row.price_source_path)?.[1];
    return [
      ...(name === 'colab-t4' ? [freeColab] : []),
      {
        ...common,
        purchase: 'pay-as-you-go',
        units_per_hour: units === undefined ? null : new Figure(units),
        note,
      },
    ];
  }
  if (row.provider === 'kaggle') {
    return [
      { ...common, purchase: 'free', per_hour: new Figure('0'), quota: { hours: 30, per: 'week' } },
    ];
  }
  if (row.provider === 'aws' && row.on_demand_usd_per_hour === '') {
    return [
      {
        ...common,
        purchase: 'capacity-block',
        per_hour: null,
        as_of: null,
        billing: { charged: 'always' },
        note,
      },
    ];
  }
  const onDemand = row.on_demand_usd_per_hour;
  const includes = row.provider === 'gcp' && withLocalSsd.test(name) ? ['local-ssd'] : undefined;
  prices.push({
    ...common,
    purchase: purchase(row),
    ...part(row, onDemand),
    includes,
    statistic: row.provider === 'vast' ? statistic(row) : undefined,
    as_of: onDemand === '' ? null : common.as_of,
    note,
  });
  if (row.spot_usd_per_hour !== '') {
    const fromZone = row.provider === 'aws';
    prices.push({
      ...common,
      purchase: 'spot',
      per_hour: figure(row.spot_usd_per_hour),
      includes,
      ...(fromZone
        ? {
            as_of: null,
            source: 'skypilot',
            confidence: 'low',
            note: 'the cheapest zone; spot prices differ by zone and move',
          }
        : { note }),
    });
  }
  return prices;
}

function region(row) {
  if (row.region.startsWith('all') || row.region === 'North America') return 'any';
  return row.region;
}

function purchase(row) {
  if (row.provider === 'runpod')
    return /_(SECURE|COMMUNITY)$/.exec(row.machine_type)[1].toLowerCase();
  return row.provider === 'vast' ? 'marketplace' : 'on-demand';
}

function part(row, price) {
  if (price === '') return { per_hour: null };
  if (perGpu.has(row.provider)) return { per_gpu_hour: figure(price) };
  const each = row.provider === 'lambda' ? exactQuotient(price, row.gpu_count) : null;
  // Lambda's list is per GPU; the machine is billed.
  return each === null ? { per_hour: figure(price) } : { per_gpu_hour: each, bills: 'machine' };
}

function exactQuotient(price, count) {
  const cents = Math.round(Number(price) * 1e6);
  return cents % Number(count) === 0 ? figure((cents / Number(count) / 1e6).toFixed(6)) : null;
}

function statistic(row) {
  return /^(median of (?:\d+ )?verified offers)/.exec(row.notes)?.[1] ?? 'median of offers';
}
