import { join } from 'node:path';
import type { GpuIdentity } from '../sample/columns.ts';
import { sessionsFolder } from '../store/home.ts';
import { liveRecorders } from '../store/lock.ts';
import { recentSegments } from '../store/recent.ts';
import type { Recording } from '../store/recording.ts';
import { IdleSpell } from '../usage/idle-spell.ts';
import type { Sighting } from './idle-verdict.ts';
import { isUnplaced } from './idle-watch.ts';

/**
 * What the session that is being recorded on this host says of the last `forMs` milliseconds; null where none is.
 * `hostKey` tells this host's recorder from those of others that share the data folder.
 */
export async function recordedIdleness(
  home: string,
  hostKey: string,
  forMs: number,
): Promise<Sighting | null> {
  for (const { sessionId } of await liveRecorders(home)) {
    const folder = join(sessionsFolder(home), sessionId);
    const { segments, writtenMs } = await recentSegments(folder, Date.now() - forMs);
    const last = segments.at(-1);
    if (last?.host?.key === hostKey) return sightingOf(segments, last, writtenMs);
  }
  return null;
}

async function sightingOf(
  segments: readonly Recording[],
  last: Recording,
  writtenMs: number,
): Promise<Sighting> {
  const { host, machine, intervalMs, startedAt } = last;
  const spell = new IdleSpell(intervalMs ?? 1000);
  let newestMs = -Infinity;
  let gpus: readonly GpuIdentity[] = [];
  for (const segment of segments) {
    for await (const item of segment.items()) {
      if (item.kind === 'gpus') {
        gpus = item.gpus;
        spell.setGpuCount(gpus.length);
      }
      if (item.kind === 'event' && isUnplaced(item.event)) spell.unread(item.event.message);
      if (item.kind !== 'samples') continue;
      const position = gpus.findIndex(({ id }) => id === item.block.gpu);
      const { utilizationGpuPct, computeProcesses, memoryUsedMib } = item.block.columns;
      for (let i = 0; i < item.block.length; i++) {
        newestMs = Math.max(newestMs, item.block.timeMs[i] ?? NaN);
        spell.add(position, item.block.timeMs[i] ?? NaN, {
          utilizationGpuPct: utilizationGpuPct?.[i] ?? NaN,
          computeProcesses: computeProcesses?.[i] ?? NaN,
          memoryUsedMib: memoryUsedMib?.[i] ?? NaN,
        });
      }
    }
  }
  return {
    basis: 'recording',
    // The session's clock is monotonic: after a suspend or a step of the wall clock they differ. How old its end is, its file knows.
    state: spell.at(newestMs + Math.max(0, Math.round(Date.now() - writtenMs))),
    header: host && {
      host,
      machine,
      gpus,
      intervalMs: intervalMs ?? 1000,
      startedAt: startedAt ?? Date.now(),
    },
    gpusOnHost: null,
  };
}
