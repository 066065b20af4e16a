import { join } from 'node:path';
import type { MountWait, WaitsLine } from '../store/lines.ts';
import type { Mount } from './mounts.ts';
import { type NfsCounters, parseMountstats } from './nfs-stats.ts';
import { type ProcFiles, textOf } from './proc-file.ts';
import type { MountWaits } from './state-looks.ts';

/** Gathers what a job was found waiting for into lines, so that a session does not hold one for every look. */
export interface WaitGathering {
  add(waits: readonly MountWaits[]): void;
  /** A line once enough time has passed and something was found; null as a rule. */
  line(tMs: number, atMs: number, gpus: readonly number[]): WaitsLine | null;
}

/** The step on which the report reads host signals. */
const lineEveryMs = 20_000;

export function createWaitGathering(
  pid: number,
  procRoot: string,
  files: ProcFiles,
): WaitGathering {
  let waits = new Map<Mount | null, { found: number; writing: number }>();
  let lineMs = Number.NEGATIVE_INFINITY;
  let nfsBefore: {
    readonly atMs: number;
    readonly mounts: ReadonlyMap<string, NfsCounters>;
  } | null = null;

  const nfs = (atMs: number): ReadonlyMap<string, Pick<MountWait, 'readBytesPerS' | 'readMs'>> => {
    const text = textOf(files.read(join(procRoot, String(pid), 'mountstats')));
    const mounts = text === null ? new Map<string, NfsCounters>() : parseMountstats(text);
    const before = nfsBefore;
    nfsBefore = { atMs, mounts };
    const rates = new Map<string, Pick<MountWait, 'readBytesPerS' | 'readMs'>>();
    for (const [point, counters] of mounts) {
      const earlier = before?.mounts.get(point);
      if (before === null || earlier === undefined || atMs <= before.atMs) continue;
      const bytes = counters.readBytes - earlier.readBytes;
      const calls = counters.readCalls - earlier.readCalls;
      const callMs = counters.readCallMs - earlier.readCallMs;
      if (bytes < 0 || calls < 0 || callMs < 0) continue;
      rates.set(point, {
        readBytesPerS: Math.round((bytes * 1000) / (atMs - before.atMs)),
        readMs: calls === 0 ? null : Math.round((callMs * 10) / calls) / 10,
      });
    }
    return rates;
  };

  return {
    add(more) {
      for (const { mount, found, writing } of more) {
        const so = waits.get(mount) ?? { found: 0, writing: 0 };
        waits.set(mount, { found: so.found + found, writing: so.writing + writing });
      }
    },
    line(tMs, atMs, gpus) {
      if (waits.size === 0 || atMs - lineMs < lineEveryMs) return null;
      const isNfs = [...waits.keys()].some((mount) => mount?.type.startsWith('nfs'));
      const rates = isNfs ? nfs(atMs) : null;
      const mounts = [...waits].flatMap(([mount, so]) =>
        mount === null
          ? []
          : {
              point: mount.point,
              type: mount.type,
              store: mount.kind,
              ...so,
              readBytesPerS: rates?.get(mount.point)?.readBytesPerS ?? null,
              readMs: rates?.get(mount.point)?.readMs ?? null,
            },
      );
      const unplaced = waits.get(null)?.found ?? 0;
      lineMs = atMs;
      waits = new Map();
      return { kind: 'waits', t: tMs, pid, gpus, mounts: joined(mounts), unplaced };
    },
  };
}

/** A place can be mounted anew, or over itself: to a reader it is one. */
function joined(mounts: readonly MountWait[]): readonly MountWait[] {
  const places = new Map<string, MountWait>();
  for (const mount of mounts) {
    const key = `${mount.type} ${mount.point}`;
    const so = places.get(key);
    places.set(key, {
      ...mount,
      found: mount.found + (so?.found ?? 0),
      writing: mount.writing + (so?.writing ?? 0),
    });
  }
  return [...places.values()];
}
