const read = '2026-11-23';

/** What the figures were read from: by the name that machines.csv gives it. */
export const sources = {
  'aws/karpenter-provider-aws': [
    'karpenter',
    {
      url: 'https://github.com/aws/karpenter-provider-aws',
      note: 'zz_generated.pricing_aws.go',
      read,
    },
  ],
  'Azure/karpenter-provider-azure': [
    'karpenter',
    {
      url: 'https://github.com/Azure/karpenter-provider-azure',
      note: 'zz_generated.pricing.go, made from the Retail Prices API',
      read,
    },
  ],
  'cloudpilot-ai/karpenter-provider-gcp': [
    'karpenter',
    {
      url: 'https://github.com/cloudpilot-ai/karpenter-provider-gcp',
      note: 'initial-prices.json',
      read,
    },
  ],
  'skypilot-org/skypilot-catalog': [
    'skypilot',
    { url: 'https://github.com/skypilot-org/skypilot-catalog', note: 'catalogs/v8', read },
  ],
  'huggingface tanod/cloud-gpu-list-prices': [
    'tanod',
    { url: 'https://huggingface.co/datasets/tanod/cloud-gpu-list-prices', read },
  ],
  'huggingface privum/ai-compute-prices': [
    'privum',
    { url: 'https://huggingface.co/datasets/privum/ai-compute-prices', read },
  ],
  'huggingface lantern-works/gpu-cloud-prices': [
    'lantern-works',
    { url: 'https://huggingface.co/datasets/lantern-works/gpu-cloud-prices', read },
  ],
  'tgarg01/silybench-data': [
    'silybench',
    { url: 'https://github.com/tgarg01/silybench-data', note: 'gpu_prices.csv', read },
  ],
  'tgarg01/silybench-data (from lambda.ai/pricing)': [
    'silybench',
    { url: 'https://github.com/tgarg01/silybench-data', note: 'gpu_prices.csv', read },
  ],
  'datareceipts/data-receipts': [
    'data-receipts',
    { url: 'https://github.com/datareceipts/data-receipts', note: '109-gpu-pricing', read },
  ],
  'api-evangelist/lambda-labs (transcribed from lambda.ai/instances)': [
    'api-evangelist',
    {
      url: 'https://github.com/api-evangelist/lambda-labs',
      note: 'transcribed from lambda.ai/instances',
      read,
    },
  ],
  'api-evangelist/runpod (transcribed from runpod.io/pricing)': [
    'api-evangelist',
    {
      url: 'https://github.com/api-evangelist/runpod',
      note: 'transcribed from runpod.io/pricing',
      read,
    },
  ],
  'api-evangelist/coreweave (transcribed from coreweave.com/pricing)': [
    'api-evangelist',
    {
      url: 'https://github.com/api-evangelist/coreweave',
      note: 'transcribed from coreweave.com/pricing',
      read,
    },
  ],
  'api-evangelist/crusoe (transcribed from crusoe.ai/cloud/pricing)': [
    'api-evangelist',
    {
      url: 'https://github.com/api-evangelist/crusoe',
      note: 'transcribed from crusoe.ai/cloud/pricing',
      read,
    },
  ],
  'api-evangelist/nexgen-cloud (transcribed from hyperstack.cloud/gpu-pricing)': [
    'api-evangelist',
    {
      url: 'https://github.com/api-evangelist/nexgen-cloud',
      note: 'transcribed from hyperstack.cloud/gpu-pricing',
      read,
    },
  ],
  'own knowledge': ['unsourced', { note: 'no source was read', read }],
};

const disks = ['disks', 'addresses'];

/** Title, billing step and what ends the bill: as each provider's documentation has it. */
export const providers = {
  aws: {
    title: 'Amazon EC2, Linux, list prices of us-east-1.',
    billing: { increment: '1s', minimum: '60s' },
    ending: [
      { action: 'stop, or shut down in the guest', compute: 'ends', keeps: disks },
      { action: 'terminate', compute: 'ends' },
      { action: 'reboot', compute: 'continues', note: 'the minimum does not begin again' },
    ],
    region: 'us-east-1',
  },
  gcp: {
    title: 'Google Compute Engine, list prices of all regions.',
    billing: { increment: '1s', minimum: '60s' },
    ending: [
      { action: 'stop, or shut down in the guest', compute: 'ends', keeps: disks },
      { action: 'suspend', compute: 'ends', keeps: ['memory image', ...disks] },
      { action: 'delete', compute: 'ends' },
    ],
    region: 'us-central1',
  },
  azure: {
    title: 'Azure virtual machines, Linux, list prices of all regions.',
    billing: { increment: '1s' },
    ending: [
      {
        action: 'shut down in the guest',
        compute: 'continues',
        note: 'the state Stopped is charged like Running',
      },
      { action: 'deallocate', compute: 'ends', keeps: disks },
      { action: 'delete', compute: 'ends', keeps: disks },
    ],
    region: 'eastus',
  },
  oci: {
    title: 'Oracle Cloud Infrastructure; the list price is the same in all regions.',
    billing: { increment: '1s', minimum: '60s' },
    ending: [
      { action: 'stop a VM shape', compute: 'ends', keeps: disks },
      {
        action: 'stop a bare metal GPU shape',
        compute: 'continues',
        note: 'shapes with dense local disks go on being charged',
      },
      { action: 'terminate', compute: 'ends' },
    ],
    region: 'any',
  },
  lambda: {
    title: 'Lambda on-demand cloud.',
    billing: { increment: '1m', minimum: '60s' },
    ending: [
      {
        action: 'terminate',
        compute: 'ends',
        note: 'there is no stop; an idle instance is charged',
      },
    ],
    region: 'any',
  },
  runpod: {
    title: 'RunPod pods, price per GPU.',
    billing: { increment: '1s' },
    ending: [
      {
        action: 'stop the pod',
        compute: 'ends',
        keeps: ['volume'],
        storage: { per_gib_month: 0.2, running_per_gib_month: 0.1 },
      },
      { action: 'terminate the pod', compute: 'ends' },
    ],
    region: 'any',
  },
  coreweave: {
    title: 'CoreWeave, North America.',
    billing: { increment: '1m' },
    ending: [{ action: 'delete the node', compute: 'ends' }],
    region: 'any',
  },
  nebius: {
    title: 'Nebius AI Cloud; its billing step was not found.',
    ending: [{ action: 'delete', compute: 'ends' }],
    region: 'eu-north1',
  },
  crusoe: {
    title: 'Crusoe Cloud, price per GPU; its billing step was not found.',
    ending: [{ action: 'delete', compute: 'ends' }],
    region: 'any',
  },
  hyperstack: {
    title: 'Hyperstack, price per GPU.',
    billing: { increment: '1m' },
    ending: [{ action: 'delete', compute: 'ends' }],
    region: 'any',
  },
  vast: {
    title: 'Vast.ai, a marketplace: medians of offers, which move daily.',
    billing: { increment: '1s' },
    ending: [
      { action: 'stop', compute: 'ends', keeps: ['storage'] },
      { action: 'destroy', compute: 'ends' },
    ],
    region: 'any',
    purchase: 'marketplace',
  },
  colab: {
    title:
      'Google Colab, paid by compute units; what a runtime draws depends on its date and memory.',
    billing: { increment: '1s' },
    ending: [
      { action: 'close the tab', compute: 'continues', note: 'until the idle time-out' },
      { action: 'Runtime > Disconnect and delete runtime', compute: 'ends' },
    ],
    region: 'any',
    purchase: 'pay-as-you-go',
  },
  kaggle: {
    title: 'Kaggle notebooks: free, with a weekly quota.',
    ending: [{ action: 'Stop Session', compute: 'ends' }],
    region: 'any',
    purchase: 'free',
  },
};

const fromMemory = 'not read again: from memory';

/** Where the billing step and what ends the bill are from. */
export const billingSources = {
  aws: {
    url: 'https://aws.amazon.com/ec2/pricing/on-demand',
    note: 'read in a copy; reboot from memory',
    read,
  },
  gcp: {
    url: 'https://cloud.google.com/compute/all-pricing',
    note: `the step ${fromMemory}; stop: Compute Engine API docs`,
    read,
  },
  azure: {
    url: 'https://learn.microsoft.com/rest/api/compute/virtual-machines/deallocate',
    note: `the step ${fromMemory}`,
    read,
  },
  oci: { url: 'https://docs.oracle.com/iaas/Content/Compute', note: fromMemory, read },
  lambda: { url: 'https://docs.lambda.ai/public-cloud/billing', read },
  runpod: {
    url: 'https://github.com/runpod/docs',
    note: 'pods/pricing.mdx; other pages say by the minute',
    read,
  },
  coreweave: { url: 'https://docs.coreweave.com', note: 'an older copy of the billing page', read },
  hyperstack: {
    url: 'https://github.com/api-evangelist/nexgen-cloud',
    note: 'plans of 2026-08-26',
    read,
  },
  vast: { url: 'https://github.com/vast-ai/docs', note: 'guides/instances/pricing.mdx', read },
  colab: {
    url: 'https://github.com/googlecolab/colabtools/issues/3128',
    note: 'units are drawn while a runtime is attached',
    read,
  },
};
