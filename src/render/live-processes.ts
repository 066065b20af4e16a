import type { LiveGpu, LiveProcess } from '../audit/live-usage.ts';
import type { Canvas } from './canvas.ts';
import { number, percent } from './format.ts';
import { padEnd, padStart, plain, truncate } from './text.ts';

/**
 * Rows for the processes of each GPU, as many as fit into `room` lines, evenly; the largest first. What is left out is
 * counted in the last row of its GPU.
 */
export function processRows(
  gpus: readonly LiveGpu[],
  room: number,
  canvas: Canvas,
): ReadonlyMap<string, readonly string[]> {
  const rows = new Map<string, readonly string[]>();
  const counts = gpus.map(({ processes }) => processes?.length ?? 0);
  const shares = evenly(counts, room);
  for (const [i, gpu] of gpus.entries()) {
    const share = shares[i] ?? 0;
    const all = (gpu.processes ?? []).toSorted(
      (a, b) => (b.memoryMib ?? 0) - (a.memoryMib ?? 0) || a.pid - b.pid,
    );
    const shown = all.length > share ? all.slice(0, Math.max(0, share - 1)) : all;
    const hidden = all.length - shown.length;
    rows.set(gpu.identity.id, [
      ...shown.map((process) => processRow(process, canvas)),
      ...(hidden > 0 && share > 0
        ? [canvas.paint.dim(`    ${canvas.ellipsis} and ${hidden} more`)]
        : []),
    ]);
  }
  return rows;
}

function processRow({ pid, name, memoryMib, smPct, user }: LiveProcess, canvas: Canvas): string {
  const memory = memoryMib === null ? '-' : `${number(memoryMib / 1024)} GiB`;
  const parts = [
    padStart(String(pid), 11),
    padEnd(truncate(plain(name), 20, canvas.ellipsis), 20),
    padStart(memory, 10),
    ...(smPct === null ? [] : [`SM ${percent(smPct / 100)}`]),
    ...(user === null ? [] : [plain(user)]),
  ];
  return canvas.paint.dim(truncate(parts.join(' '), canvas.width, canvas.ellipsis));
}

/** Parts of `room`, none more than wanted: smaller wishes are met first, the rest is shared. */
function evenly(wanted: readonly number[], room: number): readonly number[] {
  const parts = wanted.map(() => 0);
  let left = room;
  while (left > 0) {
    const open = wanted.flatMap((want, i) => ((parts[i] ?? 0) < want ? [i] : []));
    if (open.length === 0) break;
    for (const i of open.slice(0, left)) parts[i] = (parts[i] ?? 0) + 1;
    left -= Math.min(left, open.length);
  }
  return parts;
}
