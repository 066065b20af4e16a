import { describe, expect, it } from 'vitest';
import {
  allowedCpus,
  countAfter,
  countCpuList,
  parseProcessIo,
  parseProcessStat,
  parseQueuedNs,
} from '../../src/host/process-stat.ts';
import { ioText, statLine } from './kernel-tree.ts';

describe('parseProcessStat', () => {
  it('reads the fields of proc_pid_stat(5)', () => {
    const line = statLine({
      pid: 42,
      state: 'D',
      parent: 7,
      user: 100,
      system: 20,
      reapedUser: 3,
      reapedSystem: 4,
      start: 987,
      majorFaults: 31,
    });
    expect(parseProcessStat(line)).toEqual({
      name: 'python',
      state: 'D',
      parent: 7,
      isKernelThread: false,
      majorFaults: 31,
      ownTicks: 120,
      reapedTicks: 7,
      startTicks: 987,
    });
  });

  it('is not misled by a name with spaces and parentheses', () => {
    const stat = parseProcessStat(statLine({ pid: 1, name: 'a) R 99 (b', parent: 5 }));
    expect(stat?.name).toBe('a) R 99 (b');
    expect(stat?.parent).toBe(5);
    expect(stat?.state).toBe('S');
  });

  it('knows kernel threads by their flag', () => {
    expect(parseProcessStat(statLine({ pid: 2, flags: 0x20_8040 }))?.isKernelThread).toBe(true);
  });

  it.each(['', 'no parentheses', '12 (short) R 1 2'])('refuses %j', (text) => {
    expect(parseProcessStat(text)).toBeNull();
  });
});

describe('parseProcessIo', () => {
  it('tells read calls from what storage gave', () => {
    expect(parseProcessIo(ioText(500, 4096, 8192))).toEqual({
      requestedReadBytes: 500,
      readBytes: 4096,
      writeBytes: 8192,
    });
  });

  it('refuses a torn text', () => {
    expect(parseProcessIo('rchar: 12\nwch')).toBeNull();
  });
});

describe('CPU lists', () => {
  it.each([
    ['0-1', 2],
    ['0', 1],
    ['0-3,8,10-11', 7],
  ])('counts %s', (list, count) => {
    expect(countCpuList(list)).toBe(count);
  });

  it('refuses what is no list', () => {
    expect(countCpuList('')).toBeNull();
    expect(countCpuList('0-x')).toBeNull();
  });

  it('finds the affinity in a status', () => {
    expect(allowedCpus('Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t0-7\n')).toBe(8);
    expect(allowedCpus('Name:\tnode\n')).toBeNull();
  });
});

describe('countAfter', () => {
  it('finds a name at the start of a line only', () => {
    expect(countAfter('cancelled_write_bytes: 1\nwrite_bytes: 2\n', 'write_bytes')).toBe(2);
    expect(countAfter('pswpin_x 5\npswpin 7\n', 'pswpin')).toBe(7);
    expect(countAfter('xpswpin 7\n', 'pswpin')).toBeNull();
  });
});

describe('parseQueuedNs', () => {
  it('is the second field', () => {
    expect(parseQueuedNs('4427590000 127205111 2210\n')).toBe(127_205_111);
  });

  it('is unknown where nothing is counted', () => {
    expect(parseQueuedNs('0 0 0\n')).toBeNull();
    expect(parseQueuedNs('')).toBeNull();
  });
});
