import { atLeast, below } from './evidence.ts';
import { longPhases, steadyPart, tooShort, total } from './phases.ts';
import { clear, defineRule, notJudged } from './rule.ts';
import { severityOf, underfilledMs } from './severity.ts';

export const noTensorCores = defineRule({
  meta: {
    id: 'no-tensor-cores',
    title: 'The tensor cores, most of what this GPU is paid for, stood still',
    rationale:
      'On data-centre GPUs tensor cores do many times the arithmetic of the ordinary ones. Work in plain FP32 leaves them idle.',
    decision:
      'In a phase of at least workFor: SM activity at or above smFrom with tensor activity below tensorBelow, on a GPU whose FP16 rate is at least speedup times its FP32 rate. Tensor activity is known only where GPM metrics are (Hopper and later).',
    confirm:
      '`nvidia-smi dmon --gpm-metrics=2,5` while it works, or look for `gemm` kernels with "tensorop" or "wgmma" in `nsys profile`.',
    wrongWhen:
      'The work has no matrix products (sorting, graphics, some simulations), or needs FP32 or FP64 precision.',
    remediation: [
      {
        action: 'Allow TF32 for FP32 matrix products.',
        detail:
          'PyTorch `torch.set_float32_matmul_precision("high")`. TensorFlow: on by default, `tf.config.experimental.enable_tensor_float_32_execution(True)`. JAX `jax.config.update("jax_default_matmul_precision", "tensorfloat32")`.',
      },
      {
        action: 'Train in mixed precision.',
        detail:
          'PyTorch `torch.autocast("cuda", dtype=torch.bfloat16)`. TensorFlow `tf.keras.mixed_precision.set_global_policy("mixed_bfloat16")`. JAX: bfloat16 parameters and activations.',
      },
      {
        action: 'Make matrix sizes multiples of 8 (better 64), or take a GPU without the surplus.',
        detail: 'Odd vocabulary or channel counts fall back to slower kernels.',
      },
    ],
    requires: ['utilization'],
    claims: ['underfilled'],
    yieldsTo: [],
    thresholds: {
      workFor: {
        value: 60_000,
        unit: 'ms',
        why: 'shorter stretches are start-up, a test or a few steps, not a job',
      },
      smFrom: {
        value: 0.5,
        unit: 'share',
        why: 'below it NVIDIA calls the use ineffective anyway (DCGM user guide)',
      },
      tensorBelow: {
        value: 0.01,
        unit: 'share',
        why: 'untested start: any mixed-precision training shows several per cent',
      },
      speedup: {
        value: 2,
        unit: 'times',
        why: 'with less there is little to win by other number formats',
      },
    },
  },
  evaluate(usage, limits, context) {
    const short = tooShort(usage, limits.workFor);
    if (short !== null) return short;
    const phases = longPhases(usage, limits.workFor);
    if (phases.length === 0) return clear;
    if (phases.every((phase) => phase.tensorActivityShare === null)) {
      return notJudged('tensor activity was not reported (GPM metrics, Hopper and later)');
    }
    const isKnown = phases.some(
      ({ tensorActivityShare: tensor, smActivityShare: sm }) =>
        tensor !== null && (tensor >= limits.tensorBelow || sm !== null),
    );
    if (!isKnown) return notJudged('SM activity was not reported beside tensor activity');
    const fp16 = context.spec?.fp16Tflops ?? null;
    const fp32 = context.spec?.fp32Tflops ?? null;
    if (fp16 === null || fp32 === null) {
      return notJudged('the GPU table does not say what the tensor cores of this GPU could do');
    }
    if (fp16 < limits.speedup * fp32) return clear;
    const plain = phases.flatMap((phase) => {
      const { smActivityShare: sm, tensorActivityShare: tensor } = phase;
      return sm !== null && tensor !== null && sm >= limits.smFrom && tensor < limits.tensorBelow
        ? [{ phase, sm, tensor }]
        : [];
    });
    const [first, ...rest] = plain;
    if (first === undefined) return clear;
    const worst = rest.reduce((a, b) => (b.phase.busyMs > a.phase.busyMs ? b : a), first);
    // Kernels that are fp16 / fp32 times as fast leave that part of the busy time; of what they save, only what the
    // accounts hold as lost is claimed.
    const saved = 1 - fp32 / fp16;
    const recoverable = total(
      plain.map(({ phase }) => phase),
      (phase) => Math.min(underfilledMs(phase), Math.round(saved * phase.busyMs)),
    );
    return {
      outcome: 'detected',
      severity: severityOf(recoverable, usage),
      confidence: 0.7,
      summary: 'The multiprocessors worked, and the tensor cores did not.',
      evidence: [
        atLeast('SM activity', worst.sm, limits.smFrom, 'share'),
        below('tensor activity', worst.tensor, limits.tensorBelow, 'share'),
        atLeast('FP16 rate over FP32 rate', fp16 / fp32, limits.speedup, 'times'),
      ],
      intervals: plain.map(({ phase }) => steadyPart(phase)),
      recoverableMs: recoverable,
    };
  },
});
