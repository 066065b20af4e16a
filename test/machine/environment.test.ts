import { describe, expect, it } from 'vitest';
import { type Env, readEnvironment, splitMachine } from '../../src/machine/environment.ts';
import { folderOf } from './places.ts';

const platformOf = (env: Env, files: Readonly<Record<string, string>> = {}) =>
  readEnvironment(env, folderOf(files));

describe('platforms', () => {
  it.each<[string, Env, string | null, string | null]>([
    ['Colab', { COLAB_RELEASE_TAG: 'release-colab_20261101', COLAB_GPU: '1' }, 'colab', null],
    ['Kaggle', { KAGGLE_KERNEL_RUN_TYPE: 'Interactive' }, 'kaggle', null],
    ['RunPod', { RUNPOD_POD_ID: 'abc', RUNPOD_DC_ID: 'US-TX-3' }, 'runpod', 'US-TX-3'],
    ['Vast', { VAST_CONTAINERLABEL: 'C.123' }, 'vast', null],
    ['Vast without its label', { CONTAINER_ID: '1', CONTAINER_API_KEY: 'SECRET' }, 'vast', null],
  ])('%s is known by its variables', (_name, env, provider, region) => {
    const { platform, isManaged } = platformOf(env);
    expect(platform).toMatchObject({ source: 'environment', provider, region, type: null });
    expect(isManaged).toBe(true);
  });

  it('Kaggle is known by its input folder too', () => {
    expect(platformOf({}, { 'kaggle/input/x': '' }).platform?.provider).toBe('kaggle');
  });

  it('Colab Enterprise is billed as Compute Engine, so it says nothing', () => {
    const env = { COLAB_RELEASE_TAG: 'release', VERTEX_PRODUCT: 'COLAB_ENTERPRISE' };
    expect(platformOf(env)).toEqual({ operator: null, platform: null, isManaged: false });
  });

  it('a Slurm job or a pod names no machine, and leaves the cloud below to be found', () => {
    const job = platformOf({
      SLURM_JOB_ID: '42',
      SLURM_CLUSTER_NAME: 'hpc1',
      SLURM_JOB_PARTITION: 'a100',
    });
    expect(job.platform).toMatchObject({ provider: null, type: null });
    expect(job.platform?.says).toContain('cluster hpc1, partition a100');
    expect(job.isManaged).toBe(false);
    const pod = platformOf({ KUBERNETES_SERVICE_HOST: '10.0.0.1' });
    expect(pod.platform?.says).toContain('GPUCOST_MACHINE');
    expect(pod.isManaged).toBe(false);
  });

  it('nothing is nothing', () => {
    expect(platformOf({ AWS_REGION: 'us-east-1' })).toEqual({
      operator: null,
      platform: null,
      isManaged: false,
    });
  });
});

describe('SageMaker', () => {
  const resources = JSON.stringify({
    current_host: 'algo-1',
    current_instance_type: 'ml.g5.xlarge',
    hosts: ['algo-1'],
  });

  it.each<[string, Env, Readonly<Record<string, string>>]>([
    ['variable', { SM_CURRENT_INSTANCE_TYPE: 'ml.g5.xlarge' }, {}],
    ['resource config', {}, { 'opt/ml/input/config/resourceconfig.json': resources }],
    ['resource config in a variable', { SM_RESOURCE_CONFIG: resources }, {}],
  ])('tells its own type by %s', (_name, env, files) => {
    const { platform } = platformOf({ ...env, AWS_REGION: 'eu-west-1' }, files);
    expect(platform).toMatchObject({ provider: 'aws', type: 'ml.g5.xlarge', region: 'eu-west-1' });
  });

  it('Studio tells its region but no type', () => {
    const files = {
      'opt/ml/metadata/resource-metadata.json': JSON.stringify({
        ResourceArn: 'arn:aws:sagemaker:us-west-2:123456789012:app/d-1/me/JupyterLab/default',
      }),
    };
    const { platform } = platformOf({}, files);
    expect(platform).toMatchObject({ provider: 'aws', type: null, region: 'us-west-2' });
    expect(platform?.says).not.toContain('123456789012');
  });

  it('a torn file is no word', () => {
    const files = { 'opt/ml/input/config/resourceconfig.json': '{"current_inst' };
    expect(platformOf({}, files).platform).toBeNull();
  });
});

describe('the operator', () => {
  it('names machine, region and purchase beside the platform', () => {
    const { operator, platform } = platformOf({
      GPUCOST_MACHINE: 'aws/p5.48xlarge',
      GPUCOST_REGION: 'us-east-1',
      GPUCOST_PURCHASE: 'spot',
      KUBERNETES_SERVICE_HOST: '10.0.0.1',
    });
    expect(operator).toMatchObject({
      provider: 'aws',
      type: 'p5.48xlarge',
      region: 'us-east-1',
      purchase: 'spot',
    });
    expect(platform?.says).toContain('a pod');
  });

  it('may leave the provider out', () => {
    expect(splitMachine('p5.48xlarge')).toEqual({ provider: null, type: 'p5.48xlarge' });
    expect(splitMachine('AWS/p5.48xlarge')).toEqual({ provider: 'aws', type: 'p5.48xlarge' });
    expect(splitMachine('vast/market/H100 SXM')).toEqual({
      provider: 'vast',
      type: 'market/H100 SXM',
    });
    expect(splitMachine(null)).toEqual({ provider: null, type: null });
  });
});

it('no value of a key or token is told', () => {
  const secrets = {
    RUNPOD_API_KEY: 'SECRET-1',
    CONTAINER_API_KEY: 'SECRET-2',
    KAGGLE_USER_SECRETS_TOKEN: 'SECRET-3',
    AWS_SECRET_ACCESS_KEY: 'SECRET-4',
  };
  const platforms: Env[] = [
    { RUNPOD_POD_ID: 'x' },
    { CONTAINER_ID: '1' },
    { KAGGLE_KERNEL_RUN_TYPE: 'Batch' },
    { TRAINING_JOB_NAME: 'job' },
  ];
  for (const env of platforms) {
    const word = platformOf({ ...env, ...secrets });
    expect(word.platform).not.toBeNull();
    expect(JSON.stringify(word)).not.toContain('SECRET');
  }
});
