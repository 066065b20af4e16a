import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { aClue, type Clue } from './clue.ts';
import { jsonObject, oneLine, textField } from './http.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** What the environment says; `isManaged` where a platform runs on machines that it doesn't bill as. */
export interface EnvironmentWord {
  readonly operator: Clue | null;
  readonly platform: Clue | null;
  readonly isManaged: boolean;
}

/**
 * What the operator says, and which platform marks its containers in the environment. The platforms' order matters:
 * Colab, Kaggle and SageMaker run on clouds that they don't bill as. Only names of variables are told,
 * and values that are no secret. `fsRoot` is `/` but in tests.
 */
export function readEnvironment(env: Env, fsRoot: string): EnvironmentWord {
  for (const platform of platforms) {
    const clue = platform(env, fsRoot);
    if (clue !== null) {
      return { operator: operator(env), platform: clue, isManaged: clue.provider !== null };
    }
  }
  return { operator: operator(env), platform: null, isManaged: false };
}

type Platform = (env: Env, fsRoot: string) => Clue | null;

/**
 * What an operator says: `GPUCOST_MACHINE=[provider/]type`, and region and purchase. The way to tell a pod which node
 * it is on, since pods can't read their node's labels.
 */
function operator(env: Env): Clue | null {
  const machine = clean(env, 'GPUCOST_MACHINE');
  const region = clean(env, 'GPUCOST_REGION');
  const purchase = clean(env, 'GPUCOST_PURCHASE');
  if (machine === null && region === null && purchase === null) return null;
  const said = [machine, region, purchase].filter((part) => part !== null).join(', ');
  return aClue('environment', `GPUCOST_MACHINE, GPUCOST_REGION, GPUCOST_PURCHASE: ${said}`, {
    ...splitMachine(machine),
    region,
    purchase,
  });
}

/** Colab Enterprise is billed as the Compute Engine machine that it runs on (googlecolab/colabtools). */
const colab: Platform = (env) => {
  if (env['COLAB_RELEASE_TAG'] === undefined && env['COLAB_GPU'] === undefined) return null;
  if (env['VERTEX_PRODUCT'] === 'COLAB_ENTERPRISE') return null;
  return aClue('environment', 'COLAB_RELEASE_TAG: a Colab runtime', { provider: 'colab' });
};

/** Kaggle/docker-python. */
const kaggle: Platform = (env, fsRoot) => {
  const type = env['KAGGLE_KERNEL_RUN_TYPE'];
  if (type === undefined && !existsSync(join(fsRoot, 'kaggle/input'))) return null;
  return aClue('environment', 'KAGGLE_KERNEL_RUN_TYPE or /kaggle/input: a Kaggle session', {
    provider: 'kaggle',
  });
};

/** aws/sagemaker-training-toolkit; `ml.` types are priced apart from EC2's. */
const sagemaker: Platform = (env, fsRoot) => {
  const resources = jsonFile(join(fsRoot, 'opt/ml/input/config/resourceconfig.json'));
  const studio = jsonFile(join(fsRoot, 'opt/ml/metadata/resource-metadata.json'));
  const type =
    clean(env, 'SM_CURRENT_INSTANCE_TYPE') ??
    textField(resources, 'current_instance_type') ??
    textField(jsonObject(env['SM_RESOURCE_CONFIG'] ?? ''), 'current_instance_type');
  if (type === null && studio === null && env['TRAINING_JOB_NAME'] === undefined) return null;
  const arn = /^arn:aws[a-z-]*:sagemaker:([a-z0-9-]+):/.exec(
    textField(studio, 'ResourceArn') ?? '',
  );
  return aClue('environment', `SageMaker: ${type ?? 'instance type not told'}`, {
    provider: 'aws',
    type,
    // SageMaker sets it to where the job runs; elsewhere it is the user's choice and says nothing of the machine.
    region: arn?.[1] ?? clean(env, 'AWS_REGION') ?? clean(env, 'AWS_DEFAULT_REGION'),
  });
};

/** docs.runpod.io, pod environment variables. Secure or community and spot are not told. */
const runpod: Platform = (env) =>
  env['RUNPOD_POD_ID'] === undefined
    ? null
    : aClue('environment', 'RUNPOD_POD_ID: a RunPod pod', {
        provider: 'runpod',
        region: clean(env, 'RUNPOD_DC_ID'),
      });

/** docs.vast.ai: CONTAINER_API_KEY is injected (its value is a secret); the label is by experience. */
const vast: Platform = (env) =>
  env['VAST_CONTAINERLABEL'] === undefined &&
  (env['CONTAINER_API_KEY'] === undefined || env['CONTAINER_ID'] === undefined)
    ? null
    : aClue('environment', 'VAST_CONTAINERLABEL or CONTAINER_ID: a Vast.ai instance', {
        provider: 'vast',
      });

/** Which card is meant is decided by cluster and partition, see card-match.ts. */
const slurm: Platform = (env) => {
  const job = env['SLURM_JOB_ID'];
  if (job === undefined) return null;
  const cluster = clean(env, 'SLURM_CLUSTER_NAME') ?? 'unnamed';
  const partition = clean(env, 'SLURM_JOB_PARTITION') ?? 'unnamed';
  return aClue(
    'environment',
    `SLURM_JOB_ID: a Slurm job on cluster ${cluster}, partition ${partition}; no rate card matches them`,
    {},
  );
};

const kubernetes: Platform = (env) =>
  env['KUBERNETES_SERVICE_HOST'] === undefined
    ? null
    : aClue(
        'environment',
        "KUBERNETES_SERVICE_HOST: a pod, which can't read its node's labels; set GPUCOST_MACHINE to the node's " +
          'node.kubernetes.io/instance-type',
        {},
      );

const platforms: readonly Platform[] = [colab, kaggle, sagemaker, runpod, vast, slurm, kubernetes];

/** Provider and type of `[provider/]type`. */
export function splitMachine(machine: string | null): {
  readonly provider: string | null;
  readonly type: string | null;
} {
  const slash = machine?.indexOf('/') ?? -1;
  return machine === null || slash < 1
    ? { provider: null, type: machine }
    : { provider: machine.slice(0, slash).toLowerCase(), type: machine.slice(slash + 1) };
}

function clean(env: Env, name: string): string | null {
  return oneLine(env[name] ?? '');
}

function jsonFile(path: string): Readonly<Record<string, unknown>> | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
  return jsonObject(text);
}
