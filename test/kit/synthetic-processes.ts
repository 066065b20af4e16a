import type { ProcessOwner } from '../../src/host/process-owner.ts';
import type { GpuProcess, SharesLine } from '../../src/store/lines.ts';
import { anOwner } from './owners.ts';
import { sessionStart } from './session-lines.ts';

/** The recorder's pace of process lists. */
export const listPaceMs = 10_000;

/** The second process of a shared GPU has a pid this much higher. */
export function secondPid(gpu: number): number {
  return 4100 + gpu;
}

/** The processes on one GPU, alone or as two of different users, whose memory moves with every list. */
export function listed(
  gpu: number,
  t: number,
  memoryMib: number,
  isShared: boolean,
): readonly GpuProcess[] {
  const first = { gpu, pid: 4000 + gpu, name: 'python3.11', memoryMib };
  if (!isShared) return [first];
  const owner = (user: string, top: number): ProcessOwner =>
    anOwner({
      startedAt: sessionStart - 60_000,
      startTicks: 100_000 + top + gpu,
      uid: 1000 + top,
      user,
      container: { runtime: 'docker', id: `${user}0123456789` },
      launcher: { pid: top, startTicks: top, name: 'torchrun' },
      rank: gpu,
    });
  const secondMib = 9_000 + (Math.floor(t / listPaceMs) % 7);
  return [
    { ...first, memoryMib: memoryMib - secondMib, owner: owner('ada', 3000) },
    { gpu, pid: secondPid(gpu), name: 'server', memoryMib: secondMib, owner: owner('grace', 3001) },
  ];
}

/** What each of two did, from one random number. */
export function sharesOn(gpu: number, random: number): SharesLine['rows'] {
  const smPct = Math.round(600 + 300 * random) / 10;
  return [
    [gpu, 4000 + gpu, smPct],
    [gpu, secondPid(gpu), Math.round(10 * (95 - smPct)) / 10],
  ];
}
