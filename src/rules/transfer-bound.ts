import type { GpuUsage } from '../usage/usage.ts';
import { atLeast, seen } from './evidence.ts';
import { pcieMibPerS } from './pcie-rate.ts';
import { defineRule } from './rule.ts';
import { judgeCause } from './waits.ts';

export const transferBound = defineRule({
  meta: {
    id: 'transfer-bound',
    title: 'The GPU waits for copies over PCIe',
    rationale:
      'Copies between host and GPU memory that are not overlapped with kernels leave the GPU empty while the link is busy.',
    decision:
      'The GPU waits at a mean utilization at or below transferBelow while PCIe carries at least pcieBusy (received and sent together).',
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
    claims: ['waiting'],
    yieldsTo: [],
    thresholds: {
      workFor: {
        value: 60_000,
        unit: 'ms',
        why: 'shorter stretches are start-up, a test or a few steps, not a job',
      },
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
  evaluate: (usage, limits, context) => {
    const link = linkOf(usage);
    return judgeCause(usage, waitLimits(limits), context, {
      summary: 'The GPU waited while PCIe was busy with copies.',
      needs: 'PCIe throughput was not reported while it waited',
      prove(phase) {
        const pcie = phase.pcieMibPerS;
        if (pcie === null) return 'unknown';
        if (pcie < limits.pcieBusy) return null;
        return {
          evidence: [
            atLeast('PCIe throughput', pcie, limits.pcieBusy, 'MiB/s'),
            ...(link === null
              ? []
              : [seen('what the link can carry one way', link.mibPerS, 'MiB/s')]),
          ],
          confidence: 0.55,
          ...(link === null
            ? {}
            : {
                summary: `The GPU waited while PCIe carried ${Math.round(pcie)} MiB/s; its ${link.name} link carries about ${Math.round(link.mibPerS)} MiB/s each way.`,
              }),
        };
      },
    });
  },
});

/** The most that card and machine can do, by the driver's word; null where it does not say. */
function linkOf({
  identity,
}: GpuUsage): { readonly name: string; readonly mibPerS: number } | null {
  const { pcieLinkGenMax: gen, pcieLinkWidthMax: width } = identity;
  if (gen === null || width === null) return null;
  return { name: `PCIe ${gen}.0 x${width}`, mibPerS: pcieMibPerS({ gen, width }) };
}

/** One limit for all GPUs: no hysteresis, because copies are per GPU. */
function waitLimits(limits: { readonly workFor: number; readonly transferBelow: number }) {
  return {
    workFor: limits.workFor,
    waitBelow: limits.transferBelow,
    waitUntil: limits.transferBelow,
  };
}
