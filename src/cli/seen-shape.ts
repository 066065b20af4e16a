import type { Shape } from '../machine/shape.ts';
import { builtInGpus } from '../rates/built-in.ts';
import { identifyGpu } from '../rates/gpus.ts';
import type { GpuIdentity } from '../sample/columns.ts';
import type { HostIdentity } from '../store/lines.ts';

/** What can be seen of the machine, as detection compares it with the rate cards. */
export function seenShape(
  gpus: readonly Pick<GpuIdentity, 'name' | 'memoryTotalMib'>[],
  host: Pick<HostIdentity, 'cpus' | 'memoryMib'>,
): Shape {
  const models = new Map<string, { key: string | null; share: number | null; count: number }>();
  for (const { name, memoryTotalMib } of gpus) {
    const found = name === null ? null : identifyGpu(builtInGpus(), name, memoryTotalMib);
    const id = `${found?.key ?? name} ${found?.share}`;
    const before = models.get(id);
    models.set(id, {
      key: found?.key ?? null,
      share: found?.share ?? null,
      count: (before?.count ?? 0) + 1,
    });
  }
  return {
    gpus: [...models.values()],
    vcpus: host.cpus,
    memoryGib: host.memoryMib / 1024,
  };
}
