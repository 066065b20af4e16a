import { describe, expect, it } from 'vitest';
import { absent, denied, type Unreadable } from '../../src/host/proc-file.ts';
import type { SeenXid, XidReader, XidReading } from '../../src/host/xids.ts';
import { sameBusId } from '../../src/sample/driver-message.ts';
import { xidWatch } from '../../src/sample/xid-watch.ts';
import type { SessionLine } from '../../src/store/lines.ts';
import { sessionLineSchema } from '../../src/store/schema.ts';
import { aGpuIdentity } from '../kit/session-lines.ts';
import { collect, eventsOf, fake, openFake, ticksOf } from './fake.ts';

const t = Date.UTC(2026, 0, 5);
const xid = (facts: Partial<SeenXid> = {}): SeenXid => ({
  code: 79,
  pciAddress: '0000:02:00',
  pid: 4711,
  name: 'python',
  recovery: null,
  t,
  ...facts,
});

function readerOf(answers: (readonly SeenXid[] | Unreadable)[], isOverrun = false): XidReader {
  return {
    read(): XidReading | Unreadable {
      const next = answers.shift() ?? [];
      return typeof next === 'symbol' ? next : { xids: next, isOverrun };
    },
    close: () => undefined,
  };
}

const gpus = [aGpuIdentity(0), aGpuIdentity(1)];
const list = {
  gpus,
  positionOfBusId: (busId: string): number | null => {
    const found = gpus.findIndex(({ pciBusId }) => sameBusId(pciBusId ?? '', busId));
    return found < 0 ? null : found;
  },
};

describe('xidWatch', () => {
  it('names the GPU by its PCI address, and adds up alike ones', () => {
    const xids = [xid(), xid({ code: 31, t: t + 1 }), xid({ code: 31, t: t + 2 })];
    const events = xidWatch(readerOf([xids]), list).read(t + 5);
    expect(events).toEqual([
      {
        kind: 'event',
        t,
        code: 'xid',
        message:
          'XID 79 on GPU 1 (python, pid 4711): the GPU has fallen off the bus: the driver cannot reach it any more',
        xid: { code: 79, gpu: 1, pid: 4711, name: 'python', recovery: null, count: 1 },
      },
      {
        kind: 'event',
        t: t + 1,
        code: 'xid',
        message:
          'XID 31 on GPU 1 (python, pid 4711), 2 times: a page fault in GPU memory, often an illegal address',
        xid: { code: 31, gpu: 1, pid: 4711, name: 'python', recovery: null, count: 2 },
      },
    ]);
    for (const event of events) expect(sessionLineSchema.parse(event)).toEqual(event);
  });

  it("keeps others' programs out: of a GPU that is not watched only its address is said", () => {
    const [event] = xidWatch(readerOf([[xid({ pciAddress: '0000:09:00' })]]), list).read(t);
    expect(event?.message).toMatch(/^XID 79 on the GPU at 0000:09:00: /);
    expect(event?.xid).toMatchObject({ gpu: null, pid: null, name: null });
  });

  it('says what the driver asks for, and no meaning of a code that it does not know', () => {
    const reader = readerOf([
      [
        xid({ code: 154, recovery: 'GPU Reset Required' }),
        xid({ code: 999, pid: null, name: null }),
      ],
    ]);
    const [asks, unknown] = xidWatch(reader, list).read(t);
    expect(asks?.message).toMatch(/\(it asks for: GPU Reset Required\)$/);
    expect(unknown?.message).toBe('XID 999 on GPU 1');
  });

  it.each<[Unreadable, RegExp]>([
    [denied, /may not read the kernel log/],
    [absent, /no kernel log/],
  ])('says once what hides them', (why, words) => {
    const watch = xidWatch(readerOf([why, why]), list);
    const events = watch.read(t);
    expect(events).toMatchObject([{ code: 'host-signal-missing' }]);
    expect(events[0]?.message).toMatch(words);
    expect(watch.read(t + 1)).toEqual([]);
  });

  it('says once that some may be missing', () => {
    const watch = xidWatch(readerOf([], true), list);
    expect(watch.read(t)).toMatchObject([{ code: 'host-signal-missing' }]);
    expect(watch.read(t + 1)).toEqual([]);
  });
});

it('a sampler reads them at the pace of the host, and once more at its end', async () => {
  let reads = 0;
  const xids: XidReader = {
    read: (nowMs) => {
      reads += 1;
      return { xids: [xid({ code: reads, t: nowMs })], isOverrun: false };
    },
    close: () => undefined,
  };
  const host = { readHost: async () => [], xids };
  const sampler = await openFake(fake('t4'), { host, hostIntervalMs: 1000 });
  const seen = (lines: readonly SessionLine[]): number =>
    eventsOf(lines).filter(({ code }) => code === 'xid').length;
  const lines = await collect(sampler, (read) => seen(read) >= 2 || ticksOf(read).length > 400);
  expect(seen(lines)).toBe(reads);
  expect(reads).toBeGreaterThanOrEqual(3);
  expect(ticksOf(lines).length).toBeLessThan(400);
});
