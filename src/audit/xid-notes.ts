import { type XidMeaning, xidMeaning } from '../host/xid-meanings.ts';
import type { GpuUsage } from '../usage/usage.ts';
import type { TalliedXid } from './xid-tally.ts';

/** One warning a code: what it means, where and when it was seen, what it did to the work, and what to do. */
export function xidNotes(
  xids: readonly TalliedXid[],
  gpus: readonly Pick<GpuUsage, 'identity'>[],
): readonly { readonly code: string; readonly message: string }[] {
  const codes = [...new Set(xids.map(({ code }) => code))].sort(
    (a, b) => rank(a) - rank(b) || a - b,
  );
  const firstEnding = codes.find((code) => xidMeaning(code)?.endsWork === true);
  return codes.map((code) => {
    const where = xids
      .filter((xid) => xid.code === code)
      .map((xid) => placeText(xid, gpus))
      .join('; ');
    return { code: 'xid', message: noteText(code, where, code === firstEnding) };
  });
}

/** What ended work comes first, and of that the hardware. */
function rank(code: number): number {
  const meant = xidMeaning(code);
  const causes: readonly (XidMeaning['cause'] | null)[] = ['hardware', 'driver', null, 'program'];
  const isHarmless = meant !== null && !meant.endsWork;
  return causes.indexOf(meant?.cause ?? null) + (isHarmless ? causes.length : 0);
}

function noteText(code: number, where: string, saysLoss: boolean): string {
  const meant = xidMeaning(code);
  if (meant === null) {
    return `XID ${code}: ${where}. What it means stands in NVIDIA's XID catalogue (docs.nvidia.com/deploy/xid-errors)`;
  }
  const { meaning, cause, work, next } = meant;
  const loss = saysLoss ? lossText : '';
  return `XID ${code} (${meaning}): ${where}. ${causeWords[cause]}; it ${work}.${loss} ${next}`;
}

const lossText =
  ' What was lost since the last checkpoint is not known here; the time after it stands in the states that it was in.';

const causeWords: Readonly<Record<XidMeaning['cause'], string>> = {
  hardware: 'An error of the hardware',
  driver: 'It comes from the driver or its firmware',
  program: "Usually the program's own fault",
};

/** `GPU 0, 12 times from 2026-01-05T00:00:10Z to 2026-01-05T00:01:00Z, in python`. */
function placeText(
  { gpu, count, firstMs, lastMs, names, recovery }: TalliedXid,
  gpus: readonly Pick<GpuUsage, 'identity'>[],
): string {
  const identity = gpus.find((candidate) => candidate.identity.id === gpu)?.identity;
  const name = identity === undefined ? 'a GPU that is not watched' : gpuName(identity);
  const times = count === 1 ? '' : `, ${count} times`;
  const when =
    firstMs === lastMs ? ` at ${time(firstMs)}` : ` from ${time(firstMs)} to ${time(lastMs)}`;
  const by = names.length === 0 ? '' : `, in ${names.join(', ')}`;
  const asked = recovery === null ? '' : `, which asks for: ${recovery}`;
  return `${name}${times}${when}${by}${asked}`;
}

function gpuName({ index, id }: GpuUsage['identity']): string {
  return index === null ? id : `GPU ${index}`;
}

/** To the second: the kernel's clock is no better beside ours. */
function time(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
