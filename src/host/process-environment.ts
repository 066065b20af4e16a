/**
 * The variables that are read of another process's environment; the rest is neither kept nor stored, since
 * environments hold secrets. Slurm: sbatch(1); MASTER_PORT, WORLD_SIZE, RANK: torch.distributed; JPY_PARENT_PID:
 * jupyter_client's launcher; APPTAINER_NAME: Apptainer's runtime; the POD_ ones are a custom of Kubernetes' downward API.
 */
const readNames = [
  'SLURM_JOB_ID',
  'SLURM_STEP_ID',
  'SLURM_JOB_USER',
  'SLURM_PROCID',
  'SLURM_STEP_NUM_TASKS',
  'MASTER_PORT',
  'WORLD_SIZE',
  'RANK',
  'OMPI_COMM_WORLD_SIZE',
  'OMPI_COMM_WORLD_RANK',
  'PMI_SIZE',
  'PMI_RANK',
  'JPY_PARENT_PID',
  'APPTAINER_NAME',
  'SINGULARITY_NAME',
  'KUBERNETES_SERVICE_HOST',
  'HOSTNAME',
  'POD_NAME',
  'POD_NAMESPACE',
] as const;

export type NamedVariable = (typeof readNames)[number];

export type NamedVariables = Readonly<Partial<Record<NamedVariable, string>>>;

const isNamed = (name: string): name is NamedVariable => readNames.some((known) => known === name);

/** The named variables of /proc/PID/environ: as they were when the process began. */
export function namedVariables(environ: string): NamedVariables {
  const found: Partial<Record<NamedVariable, string>> = {};
  for (const entry of environ.split('\0')) {
    const equals = entry.indexOf('=');
    const name = entry.slice(0, Math.max(0, equals));
    const value = entry.slice(equals + 1);
    if (isNamed(name) && value !== '') found[name] = value;
  }
  return found;
}

/** The rank of a process among those that it works with, and how many they are; null where nothing says so. */
export function rankOf(variables: NamedVariables): { rank: number; size: number } | null {
  const pairs = [
    [variables.RANK, variables.WORLD_SIZE],
    [variables.OMPI_COMM_WORLD_RANK, variables.OMPI_COMM_WORLD_SIZE],
    [variables.PMI_RANK, variables.PMI_SIZE],
    [variables.SLURM_PROCID, variables.SLURM_STEP_NUM_TASKS],
  ] as const;
  for (const [rank, size] of pairs) {
    if (isWhole(rank) && isWhole(size)) return { rank: Number(rank), size: Number(size) };
  }
  return null;
}

function isWhole(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,9}$/.test(text);
}
