import { atLeast, below } from './evidence.ts';
import { defineRule } from './rule.ts';
import { judgeCause, waitThresholds } from './waits.ts';

export const transferBound = defineRule({
  meta: {
    id: 'transfer-bound',
    title: 'The GPU waits for copies over PCIe',
    rationale:
      'Copies between host and GPU memory that are not overlapped with kernels leave the GPU empty while the link is busy.',
    decision:
      'The GPU waits at a mean utilization below transferBelow while PCIe carries at least pcieBusy (received and sent together).',
    confirm:
      '`nvidia-smi dmon -s ut` shows utilization beside PCIe throughput; `nsys profile` shows copies without kernels beside them, and whether they come from pageable memory.',
    wrongWhen:
      'The copies run beside the work and something else is slow: then throughput is high because the job is big.',
    remediation: [
      {
        action: 'Copy from pinned memory, asynchronously.',
        detail:
          'PyTorch: `DataLoader(pin_memory=True)` with `x.to("cuda", non_blocking=True)`. TensorFlow: `tf.data.experimental.prefetch_to_device`. JAX: `jax.device_put` of the next batch before the step is awaited.',
      },
      {
        action: 'Copy less.',
        detail:
          'Send uint8 and convert on the GPU, keep results on the GPU, and check offloading (DeepSpeed, FSDP `CPUOffload`): is it still needed?',
      },
      {
        action: 'Check the link.',
        detail:
          '`nvidia-smi --query-gpu=pcie.link.gen.current,pcie.link.width.current --format=csv` under load, against the maximum.',
      },
    ],
    requires: ['utilization', 'pcie'],
    yieldsTo: [],
    thresholds: {
      ...waitThresholds,
      transferBelow: {
        value: 30,
        unit: '%',
        why: 'untested start: above it kernels run beside the copies',
      },
      pcieBusy: {
        value: 954,
        unit: 'MiB/s',
        why: 'untested start: 1 GB/s, far above what control traffic and batches of a fed job need',
      },
    },
  },
  evaluate: (usage, limits, context) =>
    judgeCause(usage, limits, context, {
      summary: 'The GPU waited while PCIe was busy with copies.',
      needs: 'PCIe throughput was not reported while it waited',
      prove(phase) {
        const pcie = phase.pcieMibPerS;
        if (pcie === null) return 'unknown';
        const mean = phase.utilizationPct.mean;
        if (pcie < limits.pcieBusy || mean >= limits.transferBelow) return null;
        return {
          evidence: [
            below('mean utilization of the phase', mean, limits.transferBelow, '%'),
            atLeast('PCIe throughput', pcie, limits.pcieBusy, 'MiB/s'),
          ],
          confidence: 0.55,
        };
      },
    }),
});
