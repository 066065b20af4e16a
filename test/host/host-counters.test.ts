import { describe, expect, it } from 'vitest';
import {
  memoryAvailableMib,
  pageBytes,
  parseCpuTicks,
  parseDiskstats,
  parseNetDev,
  parsePressureUs,
  swappedInPages,
} from '../../src/host/host-counters.ts';
import { auxv } from './kernel-tree.ts';

describe('parseCpuTicks', () => {
  it('adds nice to user, interrupts to system, stolen time to the rest', () => {
    expect(parseCpuTicks('cpu  100 20 30 400 50 6 7 80 9 1\ncpu0 1 2 3 4 5 6 7 8 0 0\n')).toEqual({
      user: 120,
      system: 43,
      iowait: 50,
      rest: 480,
    });
  });

  it('refuses a text without the line', () => {
    expect(parseCpuTicks('cpu0 1 2 3 4 5\n')).toBeNull();
    expect(parseCpuTicks('cpu 1 2 3\n')).toBeNull();
  });
});

it('takes the total of the "some" line of a pressure file', () => {
  const text =
    'some avg10=0.60 avg60=0.14 avg300=0.06 total=4344603\nfull avg10=0.6 avg60=0 avg300=0 total=99\n';
  expect(parsePressureUs(text)).toBe(4_344_603);
  expect(parsePressureUs('')).toBeNull();
});

it('reads sectors of 512 bytes and busy time from diskstats', () => {
  const text =
    ' 259 0 nvme0n1 30342 6136 2000 15792 6259 14897 1000 8187 0 7916 24424 3320 51 150512 425\n';
  expect([...parseDiskstats(text)]).toEqual([
    ['nvme0n1', { readBytes: 1_024_000, writeBytes: 512_000, busyMs: 7916 }],
  ]);
});

it('reads received and sent bytes of interfaces', () => {
  const text = `Inter-|   Receive   |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs
    lo:    3193      29    0    0    0     0          0         0     3193      29    0    0
  eth0:256615413    6362    0    0    0     0          0         0   489861    3950    0    0
`;
  expect(Object.fromEntries(parseNetDev(text))).toEqual({
    lo: { rxBytes: 3193, txBytes: 3193 },
    eth0: { rxBytes: 256_615_413, txBytes: 489_861 },
  });
});

it('reads memory, swap and page size', () => {
  expect(memoryAvailableMib('MemTotal: 2048 kB\nMemAvailable:   1024 kB\n')).toBe(1);
  expect(memoryAvailableMib('MemTotal: 2048 kB\n')).toBeNull();
  expect(swappedInPages('pgpgin 5\npswpin 12\npswpout 3\n')).toBe(12);
  expect(pageBytes(Buffer.from(auxv(65_536)).toString('latin1'))).toBe(65_536);
  expect(pageBytes('')).toBeNull();
});
