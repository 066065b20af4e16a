import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { billMachine } from '../../src/bill/machine-bill.ts';
import type { WatchedSession } from '../../src/bill/run-groups.ts';
import { alwaysRun, billedMs, cutRuns, makeRuns, type RunOptions } from '../../src/bill/runs.ts';
import { aCell, aMachine, aRate, at } from './billable.ts';

const second = 1000;
const minute = 60_000;
const hour = 3_600_000;

const watched = (
  start: string,
  end: string,
  facts: { boot?: string; launch?: string } = {},
): WatchedSession => ({
  startMs: at(start),
  endMs: at(end),
  bootedAt: facts.boot === undefined ? null : at(facts.boot),
  launchedAt: facts.launch === undefined ? null : at(facts.launch),
});

const perSecond: RunOptions = {
  billedFrom: { from: 'start' },
  incrementMs: second,
  minimumMs: minute,
  launchSurvivesStop: false,
  ongoing: false,
};
const byBoot: RunOptions = { ...perSecond, billedFrom: { from: 'boot' } };
const byLaunch: RunOptions = { ...perSecond, billedFrom: { from: 'launch' } };

const brief = (sessions: readonly WatchedSession[], options: RunOptions) => {
  const { runs, notes } = makeRuns(sessions, options);
  const time = (ms: number) => new Date(ms).toISOString().slice(11, 19);
  return {
    runs: runs.map(
      (run) =>
        `${time(run.startMs)}-${time(run.endMs)} ${run.startedBy} ${run.billedMs / second} s`,
    ),
    notes: notes.map((note) => note.code),
  };
};

describe('billedMs', () => {
  it.each([
    // AWS Linux and GCP: 1 s, at least 60 s.
    [45 * second, second, minute, minute],
    [61_001, second, minute, 62_000],
    // Lambda: 60 s.
    [601 * second, minute, minute, 11 * minute],
    [600 * second, minute, minute, 600 * second],
    // OCI bare metal: 1 s, at least an hour; older clouds: full hours.
    [30 * second, second, hour, hour],
    [hour + 1, hour, 0, 2 * hour],
    // A start is billed the minimum, however short it was; without a minimum and a step nothing is added.
    [0, second, minute, minute],
    [1234, 1, 0, 1234],
    [1234, 0, 0, 1234],
  ])('%d ms by steps of %d, at least %d', (length, increment, minimum, billed) => {
    expect(billedMs(length, increment, minimum)).toBe(billed);
  });
});

describe('from start', () => {
  it('bills the watched time once, with stops left out and nothing rounded', () => {
    const sessions = [
      watched('12:00:00', '12:00:20'),
      watched('10:00:00', '10:30:00'),
      watched('10:10:00', '10:45:00'),
      watched('10:20:00', '10:25:00'),
      watched('10:45:00', '10:50:00'),
      watched('13:00:00', '13:00:00'),
    ];
    expect(brief(sessions, perSecond)).toEqual({
      runs: ['10:00:00-10:50:00 start 3000 s', '12:00:00-12:00:20 start 20 s'],
      notes: [],
    });
  });

  it('has no run without a session', () => {
    expect(brief([], perSecond).runs).toEqual([]);
    expect(brief([], byLaunch).runs).toEqual([]);
  });
});

describe('from launch', () => {
  it('bills the three starts of 20, 20 and 100 s with a minimum for each', () => {
    // (60 + 60 + 100) s, RATECARD: each start owes AWS's minimum of 60 s.
    const sessions = [
      watched('10:00:05', '10:00:20', { launch: '10:00:00' }),
      watched('10:02:10', '10:02:20', { launch: '10:02:00' }),
      watched('10:05:30', '10:06:40', { launch: '10:05:00' }),
    ];
    expect(brief(sessions, byLaunch)).toEqual({
      runs: [
        '10:00:00-10:00:20 launch 60 s',
        '10:02:00-10:02:20 launch 60 s',
        '10:05:00-10:06:40 launch 100 s',
      ],
      notes: [],
    });
  });

  it('joins reboots: another boot under the same launch does not end the charge', () => {
    const sessions = [
      watched('10:00:20', '11:00:00', { launch: '10:00:00', boot: '10:00:15' }),
      watched('15:00:20', '15:30:00', { launch: '10:00:00', boot: '15:00:00' }),
    ];
    expect(brief(sessions, byLaunch)).toEqual({
      runs: ['10:00:00-15:30:00 launch 19800 s'],
      notes: [],
    });
    expect(brief(sessions, byBoot).runs).toEqual(['10:00:15-15:30:00 boot 19785 s']);
  });

  it('knows a stop from a new launch, however short it was', () => {
    const sessions = [
      watched('10:00:20', '11:00:00', { launch: '10:00:00', boot: '10:00:15' }),
      watched('11:02:00', '11:30:00', { launch: '11:01:00', boot: '11:01:15' }),
    ];
    expect(brief(sessions, byLaunch)).toEqual({
      runs: ['10:00:00-11:00:00 launch 3600 s', '11:01:00-11:30:00 launch 1740 s'],
      notes: [],
    });
  });

  it('falls back to boot, then to the watched time, and says so', () => {
    expect(brief([watched('10:05:00', '10:06:00', { boot: '10:00:00' })], byLaunch)).toEqual({
      runs: ['10:00:00-10:06:00 boot 360 s'],
      notes: ['launch-unknown'],
    });
    // Without any fact on the run's start no minimum is added either.
    expect(brief([watched('10:05:00', '10:05:10')], byLaunch)).toEqual({
      runs: ['10:05:00-10:05:10 start 10 s'],
      notes: ['launch-unknown'],
    });
  });

  it('takes a creation time for the first run only, and says that stops are not seen', () => {
    const oci: RunOptions = { ...byLaunch, launchSurvivesStop: true };
    const sessions = [
      watched('10:05:00', '11:00:00', { launch: '10:00:00', boot: '10:01:00' }),
      watched('15:05:00', '16:00:00', { launch: '10:00:00', boot: '15:00:00' }),
    ];
    expect(brief(sessions, oci)).toEqual({
      runs: ['10:00:00-11:00:00 launch 3600 s', '15:00:00-16:00:00 boot 3600 s'],
      notes: ['stop-assumed', 'launch-is-creation', 'launch-unknown'],
    });
  });
});

describe('from boot', () => {
  it('takes a short absence for a reboot and a long one for a stop, and says so', () => {
    const first = watched('10:05:00', '11:00:00', { boot: '10:00:00' });
    const soon = watched('11:15:30', '12:00:00', { boot: '11:15:00' });
    const late = watched('11:15:30', '12:00:00', { boot: '11:15:01' });
    expect(brief([first, soon], byBoot)).toEqual({
      runs: ['10:00:00-12:00:00 boot 7200 s'],
      notes: ['reboot-assumed'],
    });
    expect(brief([first, late], byBoot)).toEqual({
      runs: ['10:00:00-11:00:00 boot 3600 s', '11:15:01-12:00:00 boot 2699 s'],
      notes: ['stop-assumed'],
    });
  });

  it('takes boot times that a clock correction moved for one boot', () => {
    const sessions = [
      watched('10:05:00', '11:00:00', { boot: '10:00:00' }),
      watched('15:00:00', '16:00:00', { boot: '10:01:00' }),
      watched('20:00:00', '21:00:00', { boot: '10:01:50' }),
    ];
    expect(brief(sessions, byBoot)).toEqual({
      runs: ['10:00:00-21:00:00 boot 39600 s'],
      notes: [],
    });
  });

  it('keeps sessions together of which the boot is not known', () => {
    const sessions = [
      watched('10:05:00', '11:00:00', { boot: '10:00:00' }),
      watched('12:00:00', '13:00:00'),
    ];
    expect(brief(sessions, byBoot).runs).toEqual(['10:00:00-13:00:00 boot 10800 s']);
    expect(brief([watched('12:00:00', '13:00:00')], byBoot)).toEqual({
      runs: ['12:00:00-13:00:00 start 3600 s'],
      notes: ['boot-unknown'],
    });
  });
});

describe('from a time', () => {
  const from = (time: string): RunOptions => ({
    ...perSecond,
    billedFrom: { from: 'time', timeMs: at(time) },
  });

  it('bills one run from there to the end of watching', () => {
    const sessions = [watched('10:05:00', '11:00:00'), watched('12:00:00', '13:00:00')];
    expect(brief(sessions, from('09:00:00')).runs).toEqual(['09:00:00-13:00:00 time 14400 s']);
    expect(brief(sessions, from('12:30:00')).runs).toEqual(['12:30:00-13:00:00 time 1800 s']);
    expect(brief(sessions, from('13:00:00')).runs).toEqual([]);
  });

  it('begins later runs where they were launched', () => {
    const sessions = [
      watched('10:05:00', '11:00:00', { launch: '10:00:00' }),
      watched('12:05:00', '13:00:00', { launch: '12:00:00' }),
    ];
    expect(brief(sessions, from('09:00:00')).runs).toEqual([
      '09:00:00-11:00:00 time 7200 s',
      '12:00:00-13:00:00 launch 3600 s',
    ]);
  });
});

it('a run that goes on owes its minimum, but no increment yet', () => {
  const oci: RunOptions = { ...byLaunch, incrementMs: hour, minimumMs: hour, ongoing: true };
  const short = [watched('10:00:10', '10:00:30', { launch: '10:00:00' })];
  const long = [watched('10:00:10', '11:30:00', { launch: '10:00:00' })];
  expect(brief(short, oci).runs).toEqual(['10:00:00-10:00:30 launch 3600 s']);
  expect(brief(long, oci).runs).toEqual(['10:00:00-11:30:00 launch 5400 s']);
  expect(brief(long, { ...oci, ongoing: false }).runs).toEqual(['10:00:00-11:30:00 launch 7200 s']);
});

describe('cutRuns', () => {
  it('books rounding where the run ends, and keeps where it began', () => {
    const [run] = makeRuns([watched('09:30:00', '11:15:20', { launch: '09:30:00' })], {
      ...byLaunch,
      incrementMs: minute,
    }).runs;
    if (run === undefined) throw new Error('no run');
    const edges = ['09:00:00', '10:00:00', '11:00:00', '11:15:20', '12:00:00'].map(at);
    const parts = edges.slice(1).map((until, i) => cutRuns([run], edges[i] ?? 0, until));
    expect(parts.map((part) => part.map((r) => r.billedMs))).toEqual([
      [30 * minute],
      [hour],
      [16 * minute],
      [],
    ]);
    expect(parts.flat().every((part) => part.fullStartMs === at('09:30:00'))).toBe(true);
  });

  it('makes parts whose bills add up to the whole', () => {
    // 6.88 from 09:30 to 11:15 is 12.04; 10:00 and 11:00 cut it into 3.44 + 6.88 + 1.72.
    const runs = makeRuns([watched('09:30:00', '11:15:00', { launch: '09:30:00' })], byLaunch).runs;
    const bill = (since: string, until: string) => {
      const part = cutRuns(runs, at(since), at(until));
      const cells = part.map((run) =>
        aCell(run.startMs, run.endMs, { effective: run.endMs - run.startMs }),
      );
      return billMachine(aMachine(part, { 'GPU-a': cells }), aRate('6.88')).total.billedMicros;
    };
    expect(bill('09:00:00', '10:00:00')).toBe(3_440_000n);
    expect(bill('10:00:00', '11:00:00')).toBe(6_880_000n);
    expect(bill('11:00:00', '12:00:00')).toBe(1_720_000n);
    expect(bill('09:00:00', '12:00:00')).toBe(12_040_000n);
  });
});

it('a machine charged by the calendar has one run, the window', () => {
  expect(alwaysRun(at('00:00:00'), at('12:00:00'))).toMatchObject({
    startMs: at('00:00:00'),
    endMs: at('12:00:00'),
    billedMs: 12 * hour,
  });
});

describe('for any sessions', () => {
  const time = fc.integer({ min: 0, max: 10 * hour }).map((ms) => at('00:00:00') + ms);
  const aSession = fc
    .record({
      startMs: time,
      lengthMs: fc.nat(2 * hour),
      bootedAt: fc.option(time),
      launchedAt: fc.option(time),
    })
    .map(({ startMs, lengthMs, ...facts }) => ({ startMs, endMs: startMs + lengthMs, ...facts }));
  const options = fc.record({
    billedFrom: fc.oneof(
      fc.constantFrom<RunOptions['billedFrom']>(
        { from: 'start' },
        { from: 'boot' },
        { from: 'launch' },
      ),
      time.map((timeMs): RunOptions['billedFrom'] => ({ from: 'time', timeMs })),
    ),
    incrementMs: fc.constantFrom(1, second, minute, hour),
    minimumMs: fc.constantFrom(0, minute, hour),
    launchSurvivesStop: fc.boolean(),
    ongoing: fc.boolean(),
  });

  it('runs are apart, in order, not empty, and cover the watched time but for what lies before the time asked for', () => {
    fc.assert(
      fc.property(fc.array(aSession, { maxLength: 6 }), options, (sessions, how) => {
        const { runs } = makeRuns(sessions, how);
        for (const [index, run] of runs.entries()) {
          expect(run.endMs).toBeGreaterThan(run.startMs);
          expect(run.billedMs).toBeGreaterThanOrEqual(run.endMs - run.startMs);
          expect(run.startMs).toBeGreaterThanOrEqual(runs[index - 1]?.endMs ?? -Infinity);
        }
        const from = how.billedFrom.from === 'time' ? how.billedFrom.timeMs : -Infinity;
        for (const { startMs, endMs } of sessions) {
          const needed = Math.max(startMs, from);
          if (needed >= endMs) continue;
          expect(runs.some((run) => run.startMs <= needed && run.endMs >= endMs)).toBe(true);
        }
      }),
    );
  });

  it('the order of the sessions does not matter', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(aSession, { maxLength: 6, selector: (s) => s.startMs }),
        options,
        (sessions, how) => {
          expect(makeRuns(sessions.toReversed(), how)).toEqual(makeRuns(sessions, how));
        },
      ),
    );
  });
});
