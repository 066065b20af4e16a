import { describe, expect, it } from 'vitest';
import {
  type DetectOptions,
  type DetectPlaces,
  detectMachine,
  notNamed,
} from '../../src/machine/detect.ts';
import {
  aws,
  awsDocument,
  azure,
  gcp,
  gcpValues,
  mute,
  oci,
  ociInstance,
  refusing,
  serve,
} from './metadata-servers.ts';
import { aKnown, dmiOf, folderOf, market, noMatch } from './places.ts';

const h100s = (count: number) => [{ key: 'H100-SXM5-80GB', count, share: 1 }];

function optionsOf(more: Partial<DetectOptions> = {}): DetectOptions {
  return {
    flag: notNamed,
    config: notNamed,
    network: true,
    shape: { gpus: h100s(8), vcpus: 192, memoryGib: 2000 },
    known: market,
    ...more,
  };
}

async function placesOf(more: Partial<DetectPlaces> = {}): Promise<DetectPlaces> {
  return {
    env: {},
    fsRoot: folderOf({}),
    dmiFolder: dmiOf({}),
    hypervisorFolder: '/nonexistent',
    hostname: 'worker-1',
    endpoints: more.endpoints ?? (await refusing()),
    ...more,
  };
}

const gcpDmi = { product_name: 'Google Compute Engine' };
const awsDmi = { sys_vendor: 'Amazon EC2', product_name: 'p5.48xlarge' };
const steps = (why: readonly { source: string; outcome: string }[]) =>
  why.map(({ source, outcome }) => `${source} ${outcome}`);

describe('clouds', () => {
  it('AWS: type by DMI, the rest by metadata', async () => {
    const { endpoints, asked } = await serve(aws({ lifeCycle: 'spot' }));
    const { facts, why } = await detectMachine(
      optionsOf(),
      await placesOf({ endpoints, dmiFolder: dmiOf(awsDmi) }),
    );
    expect(facts).toEqual({
      provider: 'aws',
      type: 'p5.48xlarge',
      region: 'us-east-1',
      purchase: 'spot',
      detectedBy: 'dmi',
      launchedAt: Date.parse(awsDocument.pendingTime),
    });
    expect(steps(why)).toEqual(['dmi taken', 'metadata added']);
    expect(asked.filter((path) => path.includes('computeMetadata'))).toEqual([]);
  });

  it.each([
    ['gcp', gcp(gcpValues), 'n1-standard-4', 'us-central1', 'on-demand'],
    [
      'azure',
      azure({ vmSize: 'Standard_ND96isr_H100_v5', location: 'eastus', priority: '' }),
      'Standard_ND96isr_H100_v5',
      'eastus',
      'on-demand',
    ],
    ['oci', oci(ociInstance), 'BM.GPU.H100.8', 'us-phoenix-1', null],
    ['aws', aws(), 'p5.48xlarge', 'us-east-1', 'on-demand'],
  ] as const)(
    '%s: by metadata where DMI is hidden',
    async (provider, handler, type, region, purchase) => {
      const { endpoints } = await serve(handler);
      const { facts } = await detectMachine(optionsOf(), await placesOf({ endpoints }));
      expect(facts).toMatchObject({ provider, type, region, purchase, detectedBy: 'metadata' });
    },
  );

  it('a provider by DMI and no metadata leaves the type to the shape', async () => {
    const azureDmi = { chassis_asset_tag: '7783-7084-3265-9085-8269-3286-77' };
    const { facts, why } = await detectMachine(
      optionsOf({ shape: { gpus: h100s(8), vcpus: 96, memoryGib: 1850 } }),
      await placesOf({ dmiFolder: dmiOf(azureDmi) }),
    );
    expect(facts).toMatchObject({
      provider: 'azure',
      type: 'Standard_ND96isr_H100_v5',
      detectedBy: 'shape',
      region: null,
      launchedAt: null,
    });
    expect(steps(why)).toEqual(['dmi added', 'metadata nothing', 'shape taken']);
  });
});

describe('platforms', () => {
  it('Colab comes before the Compute Engine that it runs on, which is not asked', async () => {
    const { endpoints, asked } = await serve(gcp(gcpValues));
    const { facts } = await detectMachine(
      optionsOf({ shape: { gpus: [{ key: 'T4', count: 1, share: 1 }], vcpus: 2, memoryGib: 12 } }),
      await placesOf({
        endpoints,
        env: { COLAB_RELEASE_TAG: 'release' },
        dmiFolder: dmiOf(gcpDmi),
      }),
    );
    expect(facts).toMatchObject({
      provider: 'colab',
      type: 'colab-t4',
      region: null,
      detectedBy: 'shape',
    });
    expect(asked).toEqual([]);
  });

  it('Colab Enterprise is the Compute Engine machine', async () => {
    const { endpoints } = await serve(
      gcp({ ...gcpValues, 'machine-type': 'projects/1/machineTypes/g2-standard-4' }),
    );
    const env = { COLAB_RELEASE_TAG: 'release', VERTEX_PRODUCT: 'COLAB_ENTERPRISE' };
    const { facts } = await detectMachine(
      optionsOf(),
      await placesOf({ endpoints, env, dmiFolder: dmiOf(gcpDmi) }),
    );
    expect(facts).toMatchObject({ provider: 'gcp', type: 'g2-standard-4' });
  });

  it('a pod on EC2 is the node', async () => {
    const { endpoints } = await serve(aws());
    const { facts } = await detectMachine(
      optionsOf(),
      await placesOf({ endpoints, env: { KUBERNETES_SERVICE_HOST: '10.0.0.1' } }),
    );
    expect(facts).toMatchObject({ type: 'p5.48xlarge', detectedBy: 'metadata' });
  });

  it('a pod that its operator told the node needs no network', async () => {
    const { facts } = await detectMachine(
      optionsOf({ network: false }),
      await placesOf({
        env: { KUBERNETES_SERVICE_HOST: '10.0.0.1', GPUCOST_MACHINE: 'g2-standard-4' },
      }),
    );
    expect(facts).toMatchObject({
      provider: 'gcp',
      type: 'g2-standard-4',
      detectedBy: 'environment',
    });
  });

  it('a Slurm job takes its partition’s card, and the charge begins with the job', async () => {
    const card = aKnown('hpc1', 'h100', {
      gpus: 'any',
      match: { ...noMatch, slurmCluster: 'hpc1', slurmPartition: 'h100' },
    });
    const { facts, why } = await detectMachine(
      optionsOf({ known: [...market, card] }),
      await placesOf({
        env: {
          SLURM_JOB_ID: '42',
          SLURM_CLUSTER_NAME: 'hpc1',
          SLURM_JOB_PARTITION: 'h100',
          SLURM_JOB_START_TIME: '1795000000',
        },
      }),
    );
    expect(facts).toMatchObject({
      provider: 'hpc1',
      type: 'h100',
      detectedBy: 'environment',
      launchedAt: 1_795_000_000_000,
    });
    expect(steps(why)).toEqual(['environment taken', 'metadata skipped']);
  });

  it('a machine of one’s own is known by its host name', async () => {
    const card = aKnown('acme', 'rack-3', { match: { ...noMatch, hostname: 'worker-1' } });
    const { facts } = await detectMachine(
      optionsOf({ known: [...market, card] }),
      await placesOf(),
    );
    expect(facts).toMatchObject({ provider: 'acme', type: 'rack-3', launchedAt: null });
  });

  it('a card of one’s own for a type that was found takes its place', async () => {
    const card = aKnown('reseller', 'big', { match: { ...noMatch, machineType: 'p5.48xlarge' } });
    const { endpoints } = await serve(aws());
    const { facts, why } = await detectMachine(
      optionsOf({ known: [...market, card] }),
      await placesOf({ endpoints, dmiFolder: dmiOf(awsDmi) }),
    );
    expect(facts).toMatchObject({ provider: 'reseller', type: 'big', region: 'us-east-1' });
    expect(why.at(-1)?.says).toContain('machine type p5.48xlarge');
  });
});

describe('what the user says', () => {
  it('beats what is found, and metadata of the same provider fills in the rest', async () => {
    const { endpoints } = await serve(aws());
    const { facts, why } = await detectMachine(
      optionsOf({
        flag: { machine: 'aws/p5.48xlarge', region: null, purchase: 'capacity-block' },
        config: { machine: 'azure/Standard_ND96isr_H100_v5', region: 'eastus', purchase: null },
      }),
      await placesOf({ endpoints, dmiFolder: dmiOf(awsDmi) }),
    );
    expect(facts).toEqual({
      provider: 'aws',
      type: 'p5.48xlarge',
      region: 'us-east-1',
      purchase: 'capacity-block',
      detectedBy: 'flag',
      launchedAt: Date.parse(awsDocument.pendingTime),
    });
    expect(steps(why)).toEqual(['flag taken', 'config ignored', 'dmi nothing', 'metadata added']);
  });

  it('gets the provider whose card alone has the type', async () => {
    const named = { machine: 'gpu_8x_h100_sxm5', region: null, purchase: null };
    const { facts } = await detectMachine(optionsOf({ config: named }), await placesOf());
    expect(facts).toMatchObject({
      provider: 'lambda',
      type: 'gpu_8x_h100_sxm5',
      detectedBy: 'config',
    });
  });

  it('leaves the provider open where several sell the type', async () => {
    const named = { machine: 'h100-sxm', region: null, purchase: null };
    const { facts } = await detectMachine(optionsOf({ flag: named }), await placesOf());
    expect(facts).toMatchObject({ provider: null, type: 'h100-sxm', detectedBy: 'flag' });
  });

  it('a region alone names no machine', async () => {
    const { facts } = await detectMachine(
      optionsOf({
        flag: { machine: null, region: 'eu-west-1', purchase: null },
        shape: { gpus: [], vcpus: null, memoryGib: null },
      }),
      await placesOf(),
    );
    expect(facts).toEqual({
      provider: null,
      type: null,
      region: 'eu-west-1',
      purchase: null,
      detectedBy: 'none',
      launchedAt: null,
    });
  });

  it('metadata of another machine does not mix with it', async () => {
    const { endpoints } = await serve(gcp(gcpValues));
    const { facts } = await detectMachine(
      optionsOf({ flag: { machine: 'aws/p5.48xlarge', region: null, purchase: null } }),
      await placesOf({ endpoints, dmiFolder: dmiOf(gcpDmi) }),
    );
    expect(facts).toMatchObject({
      provider: 'aws',
      region: null,
      purchase: null,
      launchedAt: null,
    });
  });
});

describe('nothing known', () => {
  it('takes less than 2 s where something accepts and never answers, and lists candidates', async () => {
    const { endpoints } = await serve(mute);
    const before = performance.now();
    const { facts, candidates, why } = await detectMachine(
      optionsOf({ shape: { gpus: h100s(8), vcpus: 64, memoryGib: 1000 } }),
      await placesOf({ endpoints }),
    );
    expect(performance.now() - before).toBeLessThan(2000);
    expect(facts).toMatchObject({ provider: null, type: null, detectedBy: 'none' });
    expect(candidates.length).toBeGreaterThan(3);
    expect(steps(why)).toEqual(['dmi nothing', 'metadata nothing', 'shape nothing']);
  });

  it('asks nobody where the network is forbidden', async () => {
    const { endpoints, asked } = await serve(aws());
    const { facts, why } = await detectMachine(
      optionsOf({ network: false, shape: { gpus: [], vcpus: null, memoryGib: null } }),
      await placesOf({ endpoints }),
    );
    expect(asked).toEqual([]);
    expect(facts.detectedBy).toBe('none');
    expect(why.find(({ source }) => source === 'metadata')?.says).toContain('--no-network');
  });
});
