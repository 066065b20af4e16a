import type { Check, CheckId } from './check.ts';
import type { DmonFacts, ProcessFacts, SmiAnswers, SmiFacts } from './facts.ts';

/** A reading that takes longer delays every sample of a 1 s watch. */
const slowAnswerMs = 5000;

/** What nvidia-smi offers; everything behind a failing step is skipped. */
export function gpuChecks(smi: SmiFacts): readonly Check[] {
  if (smi.path === null) {
    const { message, hint } = smi.problem;
    const check = { id: 'nvidia-smi', title: titles['nvidia-smi'], status: 'fail' } as const;
    return [{ ...check, found: message, next: hint }, ...skipped('no nvidia-smi', 1)];
  }
  const found: Check = {
    id: 'nvidia-smi',
    title: titles['nvidia-smi'],
    status: 'ok',
    found: smi.path,
    next: null,
  };
  if (smi.failure !== null || smi.gpus.length === 0) {
    return [found, driverFailed(smi), ...skipped('no reading', 2)];
  }
  return [
    found,
    driverCheck(smi),
    gpusCheck(smi),
    fieldsCheck(smi),
    readingsCheck(smi),
    activityCheck(smi.dmon),
    migCheck(smi),
    persistenceCheck(smi),
    processesCheck(smi.processes),
  ];
}

const titles = {
  'nvidia-smi': 'nvidia-smi',
  driver: 'Driver',
  gpus: 'GPUs',
  fields: 'Supported fields',
  readings: 'Readings',
  activity: 'Activity counters',
  mig: 'MIG',
  persistence: 'Persistence mode',
  processes: 'Process visibility',
} as const satisfies Partial<Record<CheckId, string>>;

type GpuCheckId = keyof typeof titles;

const order: readonly GpuCheckId[] = [
  'nvidia-smi',
  'driver',
  'gpus',
  'fields',
  'readings',
  'activity',
  'mig',
  'persistence',
  'processes',
];

function skipped(why: string, from: number): readonly Check[] {
  return order
    .slice(from)
    .map((id) => ({ id, title: titles[id], status: 'skip', found: why, next: null }));
}

function ok(id: GpuCheckId, found: string): Check {
  return { id, title: titles[id], status: 'ok', found, next: null };
}

function warn(id: GpuCheckId, found: string, next: string): Check {
  return { id, title: titles[id], status: 'warn', found, next };
}

function driverFailed({ failure }: SmiAnswers): Check {
  return {
    id: 'driver',
    title: titles.driver,
    status: 'fail',
    found: `nvidia-smi gives no reading: ${failure ?? 'it lists no GPU'}`,
    next: 'Run nvidia-smi by itself: it must list the GPUs. In a container, start it with --gpus all; after a driver update, reboot.',
  };
}

function driverCheck({ driver, answerMs }: SmiAnswers): Check {
  const version = driver === null ? 'version unknown' : driver;
  const took = `${(answerMs / 1000).toFixed(1)} s for one reading`;
  if (answerMs < slowAnswerMs) return ok('driver', `${version}, ${took}`);
  return warn(
    'driver',
    `${version}, but ${took}`,
    'Turn persistence mode on (sudo nvidia-smi -pm 1); if it stays slow, look for a failing GPU: dmesg | grep -i xid.',
  );
}

function gpusCheck({ gpus, lost }: SmiAnswers): Check {
  const models = new Map<string, number>();
  for (const { name } of gpus) {
    models.set(name ?? 'unknown model', (models.get(name ?? 'unknown model') ?? 0) + 1);
  }
  const found = [...models].map(([name, count]) => `${count} × ${name}`).join(', ');
  if (lost.length === 0) return ok('gpus', found);
  return {
    id: 'gpus',
    title: titles.gpus,
    status: 'fail',
    found: `${found}; not answering: ${lost.join('; ')}`,
    next: 'Its time is billed and unobserved. Look for its XID (dmesg | grep -i xid), then reset it or reboot.',
  };
}

function fieldsCheck({ fieldsOffered, fieldsMissing }: SmiAnswers): Check {
  const all = fieldsOffered + fieldsMissing.length;
  if (fieldsMissing.length === 0) return ok('fields', `all ${all}`);
  // Not every driver has every field; only without these can accounts not be made.
  const needed = fieldsMissing.filter((name) => neededFields.includes(name));
  const found = `${fieldsOffered} of ${all}; not offered: ${fieldsMissing.join(', ')}`;
  if (needed.length === 0) return ok('fields', found);
  return warn(
    'fields',
    found,
    `Update the driver: without ${needed.join(', ')} busy time or load can't be told.`,
  );
}

const neededFields = ['utilization.gpu', 'memory.used', 'power.draw', 'uuid', 'index'];

function readingsCheck({ silent, gpus }: SmiAnswers): Check {
  const missing = [
    ['utilization', silent.utilization, 'its time is billed but cannot be judged'],
    ['memory', silent.memory, 'idle counts as held'],
    ['power', silent.power, 'effective time is only an upper bound'],
  ] as const;
  const parts = missing
    .filter(([, indices]) => indices.length > 0)
    .map(([name, indices, means]) => `no ${name} from GPU ${indices.join(', ')} (${means})`);
  if (parts.length === 0) return ok('readings', 'utilization, memory and power from every GPU');
  const all = silent.utilization.length === gpus.length;
  return warn(
    'readings',
    parts.join('; '),
    all
      ? 'Under MIG and on some virtual GPUs the driver gives none: watch the host, or use whole GPUs where the bill matters.'
      : 'Compare with nvidia-smi -q: [N/A] there means that the driver does not measure it.',
  );
}

/** Most GPUs have no GPM, and load is then estimated from power: a fact, no defect. */
function activityCheck({ hasPcie, hasGpm, failure }: DmonFacts): Check {
  if (hasGpm && hasPcie)
    return ok('activity', 'SM, tensor-core and DRAM activity (GPM), PCIe throughput');
  if (hasGpm) return ok('activity', 'SM, tensor-core and DRAM activity (GPM); no PCIe throughput');
  if (hasPcie) {
    return ok('activity', 'PCIe throughput; no GPM metrics, so load is estimated from power');
  }
  return {
    id: 'activity',
    title: titles.activity,
    status: 'skip',
    found: `none from nvidia-smi dmon${failure === null ? '' : `: ${failure}`}`,
    next: null,
  };
}

function migCheck({ gpus }: SmiAnswers): Check {
  const mig = gpus.filter((gpu) => gpu.migMode === true);
  if (mig.length === 0) return ok('mig', 'off');
  return warn(
    'mig',
    `on (GPU ${indices(mig)})`,
    'nvidia-smi gives no utilization for these; their time is billed and not judged.',
  );
}

function persistenceCheck({ gpus }: SmiAnswers): Check {
  const off = gpus.filter((gpu) => gpu.persistenceMode === false);
  if (off.length === 0) {
    const known = gpus.some((gpu) => gpu.persistenceMode === true);
    return known
      ? ok('persistence', 'on')
      : {
          id: 'persistence',
          title: titles.persistence,
          status: 'skip',
          found: 'the driver does not say',
          next: null,
        };
  }
  // 1.47 s and 75 W on a desktop card: pop-os/system76-power#492.
  return warn(
    'persistence',
    `off (GPU ${indices(off)}): every start of a CUDA program takes a second or more, and waking draws power`,
    'sudo nvidia-smi -pm 1, or enable nvidia-persistenced.',
  );
}

function processesCheck(processes: ProcessFacts): Check {
  if (processes.failure !== null) {
    return warn(
      'processes',
      `not listed: ${processes.failure}`,
      'Held and empty idle are told apart by memory instead.',
    );
  }
  const { listed, matched } = processes;
  if (matched === null) return ok('processes', 'none on the GPUs now');
  if (matched) return ok('processes', `${listed} on the GPUs, and we see them`);
  return warn(
    'processes',
    `${listed} on the GPUs, but none of them is among the processes we see: another PID namespace`,
    'Run gpucost on the host, or start the container with --pid=host (Kubernetes: hostPID: true).',
  );
}

function indices(gpus: SmiAnswers['gpus']): string {
  return gpus.map((gpu) => gpu.index ?? gpu.id).join(', ');
}
