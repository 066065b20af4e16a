import { openSampler } from '../sample/sampler.ts';
import { leastIdleSamples } from '../usage/idle-spell.ts';
import type { Sighting } from './idle-verdict.ts';
import { IdleWatch } from './idle-watch.ts';
import type { SampledHost } from './record.ts';

const slowestMs = 1000;
const fastestMs = 100;

/**
 * Watches the host, without storing anything, until it has been idle for `forMs` milliseconds or a GPU is found at work
 * or can't be read. Throws HostError where no sample comes.
 */
export async function watchedIdleness(
  host: SampledHost,
  forMs: number,
  signal: AbortSignal,
): Promise<Sighting> {
  const { smi, clock } = host;
  // Enough samples to prove it, however short the time.
  const intervalMs = Math.min(slowestMs, Math.max(fastestMs, Math.floor(forMs / leastIdleSamples)));
  const sampler = await openSampler({ smi, clock, intervalMs, signal });
  try {
    const header = {
      startedAt: sampler.startedAt,
      intervalMs,
      gpus: sampler.gpus,
      columns: sampler.columns,
      host: host.identity,
      machine: await host.machine(sampler.gpus),
    };
    const watch = new IdleWatch(header);
    for await (const line of sampler.lines()) {
      watch.add(line);
      if (line.kind === 'event' && line.code === 'driver-lost') break;
      if (line.kind !== 'tick') continue;
      const state = watch.now();
      if (!state.isIdle || state.forMs >= forMs) break;
    }
    return { basis: 'watching', state: watch.now(), header, gpusOnHost: sampler.gpus.length };
  } finally {
    await sampler.close();
  }
}
