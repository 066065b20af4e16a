import { describe, expect, it } from 'vitest';
import { jobReadings } from '../../src/host/job-rates.ts';
import type { ProcessIo, ProcessStat } from '../../src/host/process-stat.ts';
import { jobMembers, type ProcessTable } from '../../src/host/process-table.ts';

const main = 100;

function stat(fields: Partial<ProcessStat>): ProcessStat {
  const idle = { name: 'python', state: 'S', parent: main, isKernelThread: false, majorFaults: 0 };
  return { ...idle, ownTicks: 0, reapedTicks: 0, startTicks: 1, ...fields };
}

function io(readBytes: number, requestedReadBytes = readBytes): ProcessIo {
  return { readBytes, requestedReadBytes, writeBytes: readBytes / 2 };
}

function table(stats: Readonly<Record<number, ProcessStat>>): ProcessTable {
  return new Map(Object.entries(stats).map(([pid, fields]) => [Number(pid), fields]));
}

interface Ends {
  readonly before: ProcessTable | null;
  readonly after: ProcessTable;
  readonly unread?: readonly number[];
  readonly ioBefore?: Readonly<Record<number, ProcessIo | null>>;
  readonly ioAfter?: Readonly<Record<number, ProcessIo | null>>;
  readonly inDState?: Readonly<Record<number, number>>;
  readonly queuedBefore?: Readonly<Record<number, number>>;
  readonly queuedAfter?: Readonly<Record<number, number>>;
}

/** Ten seconds, five looks. */
function readings({
  before,
  after,
  unread = [],
  ioBefore = {},
  ioAfter = {},
  inDState = {},
  queuedBefore = {},
  queuedAfter = {},
}: Ends) {
  const members = jobMembers(after, [main]).get(main) ?? [];
  const byPid = <T>(values: Readonly<Record<number, T>>) =>
    new Map(Object.entries(values).map(([pid, value]) => [Number(pid), value]));
  const snapshot = (
    ios: Readonly<Record<number, ProcessIo | null>>,
    queuedNs: Readonly<Record<number, number>>,
  ) => ({
    main,
    members,
    io: byPid(ios),
    queuedNs: byPid(queuedNs),
    cgroup: null,
    allowedCpus: 8,
    pressureUs: { cpu: null, io: null, memory: null },
  });
  return jobReadings({
    elapsedMs: before === null ? 0 : 10_000,
    before: before === null ? null : { table: before, isUnread: (pid) => unread.includes(pid) },
    after,
    earlier: before === null ? null : snapshot(ioBefore, queuedBefore),
    job: snapshot(ioAfter, queuedAfter),
    looks: new Map(
      members.map((pid) => [pid, { looks: 5, inDState: inDState[pid] ?? 0, waits: [] }]),
    ),
    busiestThreadShare: null,
    busiestThreadQueuedShare: null,
    workersBorn: null,
  });
}

describe('CPU of a job', () => {
  it('adds the tree up, and tells the GPU process apart', () => {
    const before = table({ 100: stat({ parent: 1, ownTicks: 500 }), 101: stat({ ownTicks: 50 }) });
    const after = table({
      100: stat({ parent: 1, ownTicks: 1000 }),
      101: stat({ ownTicks: 1050 }),
      102: stat({ parent: 101, ownTicks: 200, startTicks: 9 }),
    });
    const job = readings({ before, after });
    expect(job.cpuCores).toBeCloseTo(1.7);
    expect(job.mainCpuCores).toBeCloseTo(0.5);
    expect(job.workers).toBe(2);
    expect(job.workerCpuShare).toBeCloseTo(0.6);
  });

  it('counts what a child used in the interval before it ended, once', () => {
    const before = table({
      100: stat({ parent: 1, reapedTicks: 7000 }),
      101: stat({ ownTicks: 300 }),
      102: stat({ parent: 101, ownTicks: 100 }),
    });
    // 101 used 50 more, 102 used 30 more; a short-lived child used 20.
    const after = table({ 100: stat({ parent: 1, reapedTicks: 7000 + 350 + 130 + 20 }) });
    expect(readings({ before, after }).cpuCores).toBeCloseTo(0.1);
  });

  it('never goes below zero for a child that nobody waited for', () => {
    const before = table({ 100: stat({ parent: 1 }), 101: stat({ ownTicks: 9000 }) });
    const after = table({ 100: stat({ parent: 1, ownTicks: 100 }) });
    expect(readings({ before, after }).cpuCores).toBeCloseTo(0.1);
  });

  it('takes a pid that came to a new process for a new one', () => {
    const before = table({ 100: stat({ parent: 1 }), 101: stat({ ownTicks: 9000 }) });
    const after = table({
      100: stat({ parent: 1, reapedTicks: 9000 }),
      101: stat({ ownTicks: 100, startTicks: 77 }),
    });
    expect(readings({ before, after }).cpuCores).toBeCloseTo(0.1);
  });

  it('is unknown without an earlier scan', () => {
    const job = readings({ before: null, after: table({ 100: stat({ parent: 1, ownTicks: 5 }) }) });
    expect(job).toMatchObject({ cpuCores: null, mainCpuCores: null, workers: null });
    expect(job.workerCpuShare).toBeNull();
  });

  it('is unknown for a process that was there, but not read', () => {
    const after = table({ 100: stat({ parent: 1, ownTicks: 90_000 }) });
    const job = readings({ before: table({}), after, unread: [100], ioAfter: { 100: io(10_000) } });
    expect(job).toMatchObject({ cpuCores: null, mainCpuCores: null, readBytesPerS: null });
  });

  it('is unknown where a counter fell', () => {
    const before = table({ 100: stat({ parent: 1, ownTicks: 500 }) });
    const after = table({ 100: stat({ parent: 1, ownTicks: 400 }) });
    expect(readings({ before, after })).toMatchObject({ cpuCores: null, mainCpuCores: null });
  });
});

describe('workers', () => {
  const before = table({ 100: stat({ parent: 1 }), 101: stat({}) });
  const withTicks = (ownTicks: number) =>
    table({ 100: stat({ parent: 1 }), 101: stat({ ownTicks }) });

  it('are descendants from 1 % of a core', () => {
    expect(readings({ before, after: withTicks(10) }).workers).toBe(1);
    expect(readings({ before, after: withTicks(9) })).toMatchObject({
      workers: 0,
      workerCpuShare: null,
    });
  });

  it.each([
    ['from storage', io(163_840, 0), 1],
    ['from the page cache', io(0, 163_840), 1],
    ['hardly', io(163_839), 0],
  ])('are descendants that read %s', (_, after, workers) => {
    const ends = { before, after: withTicks(0), ioBefore: { 100: io(0), 101: io(0) } };
    expect(readings({ ...ends, ioAfter: { 100: io(0), 101: after } }).workers).toBe(workers);
  });

  it('are descendants that waited in D state', () => {
    const job = readings({ before, after: withTicks(0), inDState: { 101: 4 } });
    expect(job.workers).toBe(1);
    // Five looks at the worker; a GPU process that never waits and idle helpers don't dilute it.
    expect(job.dStateShare).toBeCloseTo(0.8);
  });
});

describe('bytes', () => {
  const before = table({ 100: stat({ parent: 1 }), 101: stat({}) });
  const after = table({ 100: stat({ parent: 1 }), 101: stat({}), 102: stat({ startTicks: 9 }) });

  it('are summed over the tree, from birth for a new process', () => {
    const job = readings({
      before,
      after,
      ioBefore: { 100: io(1000), 101: io(2000) },
      ioAfter: { 100: io(2000), 101: io(4000), 102: io(3000, 90_000) },
    });
    expect(job.readBytesPerS).toBe(600);
    expect(job.writeBytesPerS).toBe(300);
    expect(job.requestedReadBytesPerS).toBe(9300);
  });

  it.each([
    ['one process may not be read', { 100: io(2000), 101: null, 102: io(0) }],
    ['a counter fell', { 100: io(0), 101: io(4000), 102: io(0) }],
    ['all are gone', {}],
  ])('are unknown where %s', (_, ioAfter) => {
    const job = readings({ before, after, ioBefore: { 100: io(1000), 101: io(2000) }, ioAfter });
    expect(job.readBytesPerS).toBeNull();
  });

  it('leave out a process that went while it was read', () => {
    const ioBefore = { 100: io(1000), 101: io(2000) };
    const job = readings({ before, after, ioBefore, ioAfter: { 100: io(2000), 101: io(2000) } });
    expect(job.readBytesPerS).toBe(100);
  });
});

describe('jobMembers', () => {
  it('gives a process below two GPU processes to the nearer one', () => {
    const all = table({
      1: stat({ parent: 0 }),
      100: stat({ parent: 1 }),
      101: stat({ parent: 100 }),
      200: stat({ parent: 101 }),
      201: stat({ parent: 200 }),
      300: stat({ parent: 1 }),
    });
    expect(Object.fromEntries(jobMembers(all, [100, 200, 999]))).toEqual({
      100: [100, 101],
      200: [200, 201],
    });
  });

  it('survives a circle of parents', () => {
    const all = table({ 5: stat({ parent: 6 }), 6: stat({ parent: 5 }), 100: stat({ parent: 1 }) });
    expect(Object.fromEntries(jobMembers(all, [100]))).toEqual({ 100: [100] });
  });
});

describe('waiting for a core', () => {
  const before = table({ 100: stat({ parent: 1 }), 101: stat({}), 102: stat({}) });
  const after = table({
    100: stat({ parent: 1 }),
    101: stat({ ownTicks: 300 }),
    102: stat({ ownTicks: 300 }),
    103: stat({ ownTicks: 300, startTicks: 9 }),
  });
  const ns = 1e9;

  it('is the mean of the workers, one that is new from its birth', () => {
    const job = readings({
      before,
      after,
      queuedBefore: { 100: 0, 101: 1 * ns, 102: 5 * ns },
      queuedAfter: { 100: 9 * ns, 101: 7 * ns, 102: 11 * ns, 103: 3 * ns },
    });
    expect(job.workerQueuedShare).toBeCloseTo((0.6 + 0.6 + 0.3) / 3);
  });

  it('is unknown where the kernel does not tell, and never above the whole', () => {
    expect(readings({ before, after }).workerQueuedShare).toBeNull();
    expect(readings({ before: null, after }).workerQueuedShare).toBeNull();
    const late = { queuedBefore: { 101: 0 }, queuedAfter: { 101: 10.2 * ns } };
    expect(readings({ before, after, ...late }).workerQueuedShare).toBe(1);
    const fell = { queuedBefore: { 101: 5 * ns }, queuedAfter: { 101: 1 * ns } };
    expect(readings({ before, after, ...fell }).workerQueuedShare).toBeNull();
  });
});
