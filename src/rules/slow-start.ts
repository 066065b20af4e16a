import type { Start } from '../usage/usage.ts';
import { atLeast, seen } from './evidence.ts';
import { inWords } from './idle.ts';
import { clear, defineRule, type Evidence, notJudged } from './rule.ts';
import { severityOf } from './severity.ts';

export const slowStart = defineRule({
  meta: {
    id: 'slow-start',
    title: 'The job takes long to begin its work',
    rationale:
      'From the moment a job has the GPU the machine is billed for it. Downloads, scans of the data set, model loading and compiling happen at each start, on all GPUs at once, and again after each failure.',
    decision:
      'From the start of the wrapped command, or from the moment a process first held memory on an empty GPU, to the first minute of steady work, at least startFor passed. Without a wrapped command the process must be seen at work meanwhile (CPU of at least cpuFrom cores, or reads of at least readFrom): a notebook left open looks the same from the GPU. Recoverable is the time without a kernel in that stretch.',
    confirm:
      "The job's log: the time of its first line against that of its first step. `py-spy dump -p PID` during the start shows what it does.",
    wrongWhen:
      'The start happens once and the job then runs for weeks; or the command does other useful work before it needs the GPU.',
    remediation: [
      {
        action: 'Fetch and prepare before the GPU is rented.',
        detail:
          'Bake model and packages into the image or a local volume (`HF_HOME`, pip cache), build the data index once and keep it, run preprocessing on a CPU machine.',
      },
      {
        action: 'Keep what was compiled.',
        detail:
          'PyTorch: TORCHINDUCTOR_CACHE_DIR and TORCHINDUCTOR_FX_GRAPH_CACHE=1 on a volume that stays. JAX: `jax.config.update("jax_compilation_cache_dir", …)`. TensorFlow XLA: `--xla_gpu_per_fusion_autotune_cache_dir`, and CUDA_CACHE_PATH for all.',
      },
      {
        action: 'Load faster.',
        detail:
          'safetensors with `device_map` instead of pickled weights, one reader that broadcasts instead of each rank reading, parallel range requests from object storage.',
      },
    ],
    requires: ['utilization'],
    claims: ['waiting', 'heldIdle', 'emptyIdle'],
    yieldsTo: [],
    thresholds: {
      startFor: {
        value: 300_000,
        unit: 'ms',
        why: 'as long as an idle stretch must be; weights of 100 GB at 1 GB/s and a compile take less. (SageMaker Debugger speaks up at 20 min)',
      },
      cpuFrom: {
        value: 0.5,
        unit: 'cores',
        why: 'untested start: loading and compiling keep a core busy, an open notebook none',
      },
      readFrom: {
        value: 1e6,
        unit: 'bytes/s',
        why: 'untested start: slower than any download or disk that a start would wait for on purpose',
      },
    },
  },
  evaluate(usage, limits) {
    const long = usage.starts.filter((start) => start.endMs - start.startMs >= limits.startFor);
    const judged = long.map((start) => ({ start, proof: proofOf(start, limits) }));
    const proven = judged.flatMap(({ start, proof }) =>
      proof === null || proof === 'unknown' ? [] : [{ start, proof }],
    );
    const [first, ...rest] = proven;
    if (first === undefined) {
      return judged.some(({ proof }) => proof === 'unknown')
        ? notJudged(
            "a process held the GPU for minutes before it worked; without its own CPU and reads, loading can't be told from waiting for a person",
          )
        : clear;
    }
    const worst = rest.reduce((a, b) => (idleMs(b.start) > idleMs(a.start) ? b : a), first);
    const { start, proof } = worst;
    const recoverableMs = proven.reduce((sum, one) => sum + idleMs(one.start), 0);
    const lengthMs = start.endMs - start.startMs;
    const since = start.by === 'command' ? 'the command started' : 'its process held the GPU';
    return {
      outcome: 'detected',
      severity: severityOf(recoverableMs, usage),
      confidence: start.by === 'command' ? 0.9 : 0.7,
      summary: `Steady work began ${inWords(lengthMs)} after ${since}${proven.length > 1 ? `, and there were ${proven.length} such starts` : ''}.`,
      evidence: [
        atLeast('start-up', lengthMs, limits.startFor, 'ms'),
        seen('of it without a kernel', idleMs(start), 'ms'),
        ...proof,
      ],
      intervals: proven.map((one) => ({ startMs: one.start.startMs, endMs: one.start.endMs })),
      recoverableMs,
    };
  },
});

function idleMs({ waitingMs, heldMs, emptyMs }: Start): number {
  return waitingMs + heldMs + emptyMs;
}

/** That the job was at work on its start: by what was asked for, else by what its process did; null where it did nothing. */
function proofOf(
  { by, job }: Start,
  limits: { readonly cpuFrom: number; readonly readFrom: number },
): readonly Evidence[] | 'unknown' | null {
  const { cpuCores, readBytesPerS } = job;
  const seenCpu = cpuCores === undefined ? [] : [seen('CPU of the job', cpuCores, 'cores')];
  const seenReads =
    readBytesPerS === undefined ? [] : [seen('reads of the job', readBytesPerS, 'bytes/s')];
  if (by === 'command') return [...seenCpu, ...seenReads];
  if (cpuCores !== undefined && cpuCores >= limits.cpuFrom) {
    return [atLeast('CPU of the job', cpuCores, limits.cpuFrom, 'cores'), ...seenReads];
  }
  if (readBytesPerS !== undefined && readBytesPerS >= limits.readFrom) {
    return [...seenCpu, atLeast('reads of the job', readBytesPerS, limits.readFrom, 'bytes/s')];
  }
  return cpuCores === undefined && readBytesPerS === undefined ? 'unknown' : null;
}
