import { unescapePath } from './mounts.ts';

/** What an NFS mount has read since it was mounted, from /proc/PID/mountstats (fs/nfs/super.c, net/sunrpc/stats.c). */
export interface NfsCounters {
  /** Bytes that READ calls brought from the server. */
  readonly readBytes: number;
  readonly readCalls: number;
  /** Milliseconds of READ calls, from their making to their answer, summed. */
  readonly readCallMs: number;
}

/** All NFS mounts of a mountstats, by mount point; a mount whose lines are not as expected is left out. */
export function parseMountstats(text: string): ReadonlyMap<string, NfsCounters> {
  const mounts = new Map<string, NfsCounters>();
  for (const part of text.split(/^(?=device )/m)) {
    const point = /^device .+ mounted on (\S+) with fstype nfs/.exec(part)?.[1];
    // server read is the fifth of "bytes:"; "READ:" has operations first and the time of execution eighth.
    const bytes = /^\s*bytes:\s*(?:\d+\s+){4}(\d+)/m.exec(part)?.[1];
    const read = /^\s*READ: (\d+)(?: \d+){6} (\d+)/m.exec(part);
    if (point === undefined || bytes === undefined || read === null) continue;
    mounts.set(unescapePath(point), {
      readBytes: Number(bytes),
      readCalls: Number(read[1]),
      readCallMs: Number(read[2]),
    });
  }
  return mounts;
}
