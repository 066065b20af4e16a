import { join } from 'node:path';
import { readCsv } from './csv.mjs';
import { Figure, figure } from './yaml.mjs';

/** NVIDIA sizes of Azure's price list that machines.csv does not describe; the number of GPUs only where the series fixes it. */
const azureSizes = [
  { pattern: /^Standard_ND96ams_A100_v4$/, facts: { gpu: 'A100-SXM4-80GB', gpus: 8 } },
  { pattern: /^Standard_ND96asr_A100_v4$/, facts: { gpu: 'A100-SXM4-40GB', gpus: 8 } },
  { pattern: /^Standard_ND96is\w*_H100_v5$/, facts: { gpu: 'H100-SXM5-80GB', gpus: 8 } },
  { pattern: /^Standard_ND128isrf_NDR_GB200_v6$/, facts: { gpu: 'GB200-186GB', gpus: 4 } },
  { pattern: /^Standard_NV12s_v[23]$/, facts: { gpu: 'M60' } },
  { pattern: /^Standard_NV(?:6|24|48)s_v[23]$/, facts: { gpu: 'M60' } },
  { pattern: /^Standard_NC\d+ads_A10_v4$/, facts: { gpu: 'A10' } },
  { pattern: /^Standard_NC\d+l?ds_xl_RTXPRO6000BSE_v6$/, facts: { gpu: 'RTX-PRO-6000-SE' } },
];

const uncounted = 'how many GPUs, or which part of one, is not confirmed';

/** Adds Azure's price of every region to the machines; sizes without NVIDIA GPUs and Promo doubles are left out. */
export function addAzureRegions(folder, machines) {
  const dropped = new Set();
  for (const { armSkuName: type, armRegionName: region, retailPriceUsdPerHour: price } of readCsv(
    join(folder, 'raw', 'azure_all_regions_gpu.csv'),
  )) {
    const known = azureSizes.find(({ pattern }) => pattern.test(type))?.facts;
    if (machines[type] === undefined && known !== undefined) {
      machines[type] = {
        ...known,
        prices: [],
        ...(known.gpus === undefined ? { note: uncounted } : {}),
      };
    }
    const machine = machines[type];
    if (machine === undefined) {
      dropped.add(type);
      continue;
    }
    const [first] = machine.prices;
    const doubtful =
      first?.confidence === 'medium' ? { confidence: 'medium', note: first.note } : {};
    if (machine.prices.some((known) => known.region === region)) continue;
    machine.prices.push({ region, per_hour: figure(price), ...doubtful });
  }
  return dropped;
}

/** Adds GCP's on-demand and spot price of every region. */
export function addGcpRegions(folder, machines) {
  const dropped = new Set();
  for (const row of readCsv(join(folder, 'raw', 'gcp_all_regions_gpu.csv'))) {
    const machine = machines[row.machineType];
    if (machine === undefined) {
      dropped.add(row.machineType);
      continue;
    }
    if (machine.prices.some((known) => known.region === row.region)) continue;
    const includes = machine.prices[0]?.includes;
    const own = {
      region: row.region,
      as_of: '2026-08-03',
      source: 'karpenter',
      confidence: 'high',
      includes,
    };
    machine.prices.push({
      ...own,
      purchase: 'on-demand',
      per_hour: figure(row.onDemandUsdPerHour),
    });
    machine.prices.push({ ...own, purchase: 'spot', per_hour: figure(row.spotUsdPerHour) });
  }
  return dropped;
}

/** By accelerator name of GCP: what can be attached to N1. */
const attachable = {
  'nvidia-tesla-t4': 'T4',
  'nvidia-tesla-p4': 'P4',
  'nvidia-tesla-p100': 'P100-PCIE-16GB',
  'nvidia-tesla-v100': 'V100-SXM2-16GB',
  'nvidia-tesla-k80': 'K80',
};

const sustained = 'sustained-use';

export function gcpAccelerators(folder) {
  const accelerators = {};
  for (const row of readCsv(join(folder, 'raw', 'gcp_us-central1_accelerator_components.csv'))) {
    const key = attachable[row.accelerator];
    if (key === undefined) continue;
    const source = row.source.startsWith('skypilot')
      ? 'skypilot'
      : row.source.startsWith('infracost')
        ? 'infracost'
        : 'unsourced';
    const common = {
      as_of: /^\d{4}-\d{2}-\d{2}$/.test(row.as_of) ? row.as_of : null,
      source,
      confidence: source === 'unsourced' ? 'low' : 'medium',
    };
    accelerators[key] = {
      prices: [
        { per_gpu_hour: figure(row.usd_per_gpu_hour), ...common, automatic_discount: sustained },
        ...(row.spot_usd_per_gpu_hour === ''
          ? []
          : [{ purchase: 'spot', per_gpu_hour: figure(row.spot_usd_per_gpu_hour), ...common }]),
      ],
    };
  }
  return accelerators;
}

/** vCPUs are in the name; GiB per vCPU by family (n1-standard 3.75, n1-highmem 6.5, n1-highcpu 0.9). */
const gibPerVcpu = { standard: 3.75, highmem: 6.5, highcpu: 0.9 };

export function gcpHosts(folder) {
  const hosts = {};
  for (const row of readCsv(join(folder, 'raw', 'gcp_us-central1_n1_host.csv'))) {
    const [, family, vcpus] = /^n1-(\w+)-(\d+)$/.exec(row.machineType);
    hosts[row.machineType] = {
      gpus: 'attached',
      vcpus: Number(vcpus),
      memory_gib: Number((gibPerVcpu[family] * Number(vcpus)).toFixed(2)),
      prices: [
        { per_hour: figure(row.onDemandUsdPerHour), automatic_discount: sustained },
        { purchase: 'spot', per_hour: figure(row.spotUsdPerHour) },
      ],
    };
  }
  return hosts;
}

export const sustainedUse = { [sustained]: { up_to: new Figure('0.30'), over: 'calendar-month' } };
