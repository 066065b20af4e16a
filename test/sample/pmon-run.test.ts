import { expect, test } from 'vitest';
import { pmonRun } from '../../src/sample/pmon-run.ts';
import { processShares } from '../../src/sample/process-shares.ts';
import type { Smi, SmiListener } from '../../src/sample/smi.ts';
import type { SharesLine } from '../../src/store/lines.ts';

/** In pmon's form; synthetic. */
const header = ['# gpu pid type sm mem enc dec command', '# Idx # C/G % % % % name'];
const row = (gpu: number, pid: number | string, sm: number | string) =>
  `  ${gpu} ${pid} C ${sm} - - - python`;

/** A pmon whose lines the test prints. */
function scripted() {
  const starts: (readonly string[])[] = [];
  let listener: SmiListener | null = null;
  const smi: Smi = {
    start(args, given) {
      starts.push(args);
      listener = given;
      return { stop: async () => undefined, pause: () => undefined, resume: () => undefined };
    },
    close: async () => undefined,
  };
  const unsupported: string[] = [];
  const options = {
    smi,
    clock: { now: () => 0, after: () => () => undefined },
    startTimeoutMs: 30_000,
    onUnsupported: (message: string) => unsupported.push(message),
  };
  return {
    starts,
    unsupported,
    options,
    print: (...lines: string[]) => listener?.onLines(lines),
    exit: (rest: string) => listener?.onExit({ code: 1, signal: null, rest, finished: false }),
  };
}

const taken = (shares: ReadonlyMap<number, number>) => [...shares].toSorted(([a], [b]) => a - b);

test('pmon: the mean over the rounds since the last call; no reading beside one is nothing done', () => {
  const { options, print } = scripted();
  const pmon = pmonRun(options);
  pmon.start();
  print(...header, row(0, 11, 80), row(0, 12, '-'), row(1, 13, 50));
  print(row(0, 11, 40), row(0, 12, 20), row(1, 13, '-'));
  expect(taken(pmon.take(0))).toEqual([
    [11, 60],
    [12, 10],
  ]);
  // A round without any reading on GPU 1 is left out of its mean.
  expect(taken(pmon.take(1))).toEqual([[13, 50]]);
  expect(taken(pmon.take(0))).toEqual([]);
});

test('pmon: nobody has a reading, so nothing is known', () => {
  const { options, print } = scripted();
  const pmon = pmonRun(options);
  pmon.start();
  print(...header, row(0, 11, '-'), row(0, 12, '-'));
  expect(taken(pmon.take(0))).toEqual([]);
});

test('pmon: starts once, and says once that it gives nothing here', () => {
  const { options, starts, exit, unsupported } = scripted();
  const pmon = pmonRun(options);
  pmon.start();
  pmon.start();
  exit('Not supported on the device(s)');
  pmon.start();
  expect(starts).toEqual([['pmon', '-s', 'u', '-d', '2']]);
  expect(unsupported).toHaveLength(1);
  expect(unsupported[0]).toMatch(/Not supported on the device\(s\).*split by memory/);
});

function sharing(indexOf: (position: number) => number | null = (position) => position + 2) {
  const script = scripted();
  const told: { t: number; rows: SharesLine['rows'] }[] = [];
  const shares = processShares({
    ...script.options,
    indexOf,
    onShares: (t, rows) => told.push({ t, rows }),
  });
  const next = (t: number, pids: readonly (readonly number[])[], visible = true) =>
    shares.next({
      t,
      visible,
      processes: pids.flatMap((own, gpu) =>
        own.map((pid) => ({ gpu, pid, name: 'python', memoryMib: 400 })),
      ),
    });
  return { ...script, told, next };
}

test('shares: pmon runs from the first shared GPU on, not before', () => {
  const { next, starts } = sharing();
  next(0, [[11], [12]]);
  next(10_000, [[11, 12], []], false);
  expect(starts).toEqual([]);
  next(20_000, [[11, 13], [12]]);
  expect(starts).toHaveLength(1);
});

test('shares: told with the next list, by position, for those that shared the GPU', () => {
  const { next, print, told } = sharing();
  next(0, [[11, 12], [13]]);
  print(...header, row(2, 11, 33), row(2, 99, 10), row(3, 13, 90));
  print(row(2, 11, 34), row(2, 99, 10), row(3, 13, 90));
  next(10_000, [[11], [13]]);
  expect(told).toEqual([
    {
      t: 10_000,
      rows: [
        [0, 11, 33.5],
        [0, 12, 0],
      ],
    },
  ]);
  next(20_000, [[11], [13]]);
  expect(told).toHaveLength(1);
});

test.each([
  ['only a stranger has a reading', (position: number): number | null => position + 2],
  ['the index is not known', () => null],
])('shares: nothing is told where %s', (_, indexOf) => {
  const { next, print, told } = sharing(indexOf);
  next(0, [[11, 12]]);
  print(...header, row(2, 99, 80));
  next(10_000, [[11, 12]]);
  expect(told).toEqual([]);
});
