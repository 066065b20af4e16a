import { denied } from '../host/proc-file.ts';
import { xidMeaning } from '../host/xid-meanings.ts';
import type { SeenXid, XidReader } from '../host/xids.ts';
import type { EventLine, XidFact } from '../store/lines.ts';
import type { GpuList } from './gpu-list.ts';

/** Turns the XIDs in the kernel's log into events of a session. */
export interface XidWatch {
  /** Those since the previous reading, alike ones as one; at first, and once, what keeps them from being seen. */
  read(nowMs: number): readonly EventLine[];
}

export function xidWatch(
  reader: XidReader,
  list: Pick<GpuList, 'gpus' | 'positionOfBusId'>,
): XidWatch {
  const said = new Set<string>();
  const once = (t: number, message: string): readonly EventLine[] => {
    if (said.has(message)) return [];
    said.add(message);
    return [{ kind: 'event', t, code: 'host-signal-missing', message }];
  };

  const placed = (xid: SeenXid): XidFact => {
    const gpu = list.positionOfBusId(`${xid.pciAddress}.0`);
    const { code, recovery } = xid;
    // On a GPU that is not watched, others' programs may run.
    const { pid, name } = gpu === null ? { pid: null, name: null } : xid;
    return { code, gpu, pid, name, recovery, count: 1 };
  };

  return {
    read(nowMs) {
      const reading = reader.read(nowMs);
      if (typeof reading === 'symbol') return once(nowMs, notSeen(reading === denied));
      const alike = new Map<string, { t: number; pciAddress: string; fact: XidFact }>();
      for (const xid of reading.xids) {
        const fact = placed(xid);
        const key = JSON.stringify([xid.pciAddress, fact]);
        const before = alike.get(key);
        if (before === undefined) alike.set(key, { t: xid.t, pciAddress: xid.pciAddress, fact });
        else before.fact = { ...before.fact, count: before.fact.count + 1 };
      }
      return [
        ...(reading.isOverrun ? once(nowMs, overrun) : []),
        ...[...alike.values()].map(({ t, pciAddress, fact }): EventLine => {
          const gpu = fact.gpu === null ? null : (list.gpus[fact.gpu]?.index ?? null);
          const place = gpu === null ? `the GPU at ${pciAddress}` : `GPU ${gpu}`;
          return { kind: 'event', t, code: 'xid', message: xidText(fact, place), xid: fact };
        }),
      ];
    },
  };
}

/** Why no XID can be seen on this host, and where to look for them. */
export function notSeen(isDenied: boolean): string {
  const why = isDenied
    ? 'this user may not read the kernel log, /dev/kmsg'
    : 'there is no kernel log, /dev/kmsg, to read here';
  return `XIDs, the errors that NVIDIA's driver logs, are not visible: ${why}. On the host: sudo dmesg | grep -i xid`;
}

const overrun =
  'The kernel log was written over before it was read: XIDs of that time may be missing.';

/** `XID 31 on GPU 0 (python, pid 4711), 12 times: a page fault in GPU memory, often an illegal address`. */
function xidText({ code, pid, name, recovery, count }: XidFact, place: string): string {
  const process = [name, pid === null ? null : `pid ${pid}`].filter((word) => word !== null);
  const by = process.length === 0 ? '' : ` (${process.join(', ')})`;
  const times = count === 1 ? '' : `, ${count} times`;
  const meaning = xidMeaning(code)?.meaning;
  const means = meaning === undefined ? '' : `: ${meaning}`;
  const asks = recovery === null ? '' : ` (it asks for: ${recovery})`;
  return `XID ${code} on ${place}${by}${times}${means}${asks}`;
}
