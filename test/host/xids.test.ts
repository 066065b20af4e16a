import { describe, expect, it } from 'vitest';
import type { KernelLog, KernelRecords } from '../../src/host/kernel-log.ts';
import { absent, denied, type Unreadable } from '../../src/host/proc-file.ts';
import { xidMeaning } from '../../src/host/xid-meanings.ts';
import { createXidReader, parseXid } from '../../src/host/xids.ts';
import { kernelTree } from './kernel-tree.ts';

const nothing = { pid: null, name: null, recovery: null };

describe('parseXid', () => {
  // Forms of drivers 304 to 610; the lines themselves are made up.
  it.each([
    ['(PCI:0000:10:00): 79, GPU has fallen off the bus.', { code: 79, ...nothing }],
    [
      '(PCI:0000:10:00): 79, pid=4711, name=python, GPU has fallen off the bus.',
      { code: 79, ...nothing, pid: 4711, name: 'python' },
    ],
    [
      "(PCI:0000:10:00): 31, pid='4711', name='pt main thread', Ch 00000008, MMU Fault",
      { code: 31, ...nothing, pid: 4711, name: 'pt main thread' },
    ],
    ["(PCI:0000:10:00): 119, pid='N/A', Timeout waiting for RPC", { code: 119, ...nothing }],
    [
      '(PCI:0000:10:00): 74, pid=<unknown>, name=<unknown>, NVLink: fatal error',
      { code: 74, ...nothing },
    ],
    [
      '(PCI:0000:10:00): 63, pid=1896, Row Remapper: New row marked for remapping',
      { code: 63, ...nothing, pid: 1896 },
    ],
    [
      '(PCI:0000:10:00 GPU-I:05): 94, pid=7194, name=serve, Contained: SM (0x1)',
      { code: 94, ...nothing, pid: 7194, name: 'serve' },
    ],
    ['(0000:10:00): 13, 0005 00000000 0000502d', { code: 13, ...nothing }],
    ['(PCI:0000:10:00.0): 48, pid=9', { code: 48, ...nothing, pid: 9 }],
    [
      '(PCI:0000:10:00): 154, GPU recovery action changed from 0x0 (None) to 0x1 (GPU Reset Required)',
      { code: 154, ...nothing, recovery: 'GPU Reset Required' },
    ],
  ])('reads %s', (rest, found) => {
    expect(parseXid(`NVRM: Xid ${rest}`)).toEqual({ ...found, pciAddress: '0000:10:00' });
  });

  it.each([
    'NVRM: GPU at PCI:0000:10:00: GPU-00000000-0000-0000-0000-000000000000',
    'nvidia-nvswitch0: SXid (PCI:0000:10:00.0): 12028, Non-fatal',
    'NVRM: Xid: 79',
    'audit: NVRM: Xid (PCI:0000:10:00): 79, forged',
    '',
  ])('passes over %s', (text) => expect(parseXid(text)).toBeNull());
});

const nowMs = Date.UTC(2026, 0, 5, 12);

/** A host that has been up for 1000 s at `nowMs`. */
function readerOf(
  answers: (KernelRecords | Unreadable)[],
  uptime: string | null = '1000.00 1.00\n',
) {
  const log: KernelLog = {
    read: () => answers.shift() ?? { records: [], isOverrun: false },
    close: () => undefined,
  };
  const tree = kernelTree(uptime === null ? {} : { 'proc/uptime': uptime });
  return createXidReader({ platform: 'linux', procRoot: tree.procRoot, log });
}

const record = (stampS: number) => ({
  stampUs: stampS * 1e6,
  text: 'NVRM: Xid (PCI:0000:10:00): 79, GPU has fallen off the bus.',
});
const none = { records: [], isOverrun: false };

describe('createXidReader', () => {
  it("dates an XID by the log's clock", () => {
    const records = [{ stampUs: 1, text: 'usb 1-1: new device' }, record(998)];
    const reader = readerOf([none, { records, isOverrun: true }]);
    expect(reader.read(nowMs - 5000)).toEqual({ xids: [], isOverrun: false });
    const read = reader.read(nowMs);
    expect(read).toMatchObject({ isOverrun: true, xids: [{ code: 79, t: nowMs - 2000 }] });
  });

  it.each([
    ['lags', 900, -5000],
    ['runs ahead', 1100, 0],
  ])('keeps it between two readings where that clock %s', (_, stampS, offsetMs) => {
    const reader = readerOf([none, { records: [record(stampS)], isOverrun: false }]);
    reader.read(nowMs - 5000);
    expect(reader.read(nowMs)).toMatchObject({ xids: [{ t: nowMs + offsetMs }] });
  });

  it('dates it by the reading where the uptime is unknown', () => {
    const reader = readerOf([none, { records: [record(998)], isOverrun: false }], null);
    reader.read(nowMs - 5000);
    expect(reader.read(nowMs)).toMatchObject({ xids: [{ t: nowMs }] });
  });

  it('says why it sees nothing', () => {
    expect(readerOf([denied]).read(nowMs)).toBe(denied);
    const elsewhere = createXidReader({ platform: 'win32', procRoot: '/none' });
    expect(elsewhere.read(nowMs)).toBe(absent);
  });
});

describe('xidMeaning', () => {
  it.each([48, 64, 74, 79, 94, 95])('%i is of the hardware', (code) =>
    expect(xidMeaning(code)?.cause).toBe('hardware'),
  );
  it.each([13, 31, 43, 45])("%i is usually the program's", (code) =>
    expect(xidMeaning(code)).toMatchObject({ cause: 'program', endsWork: true }),
  );
  it('knows that a remapped row ends nothing, and does not guess at other codes', () => {
    expect(xidMeaning(63)?.endsWork).toBe(false);
    expect(xidMeaning(999)).toBeNull();
  });
});
