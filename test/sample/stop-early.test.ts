import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Clock } from '../../src/sample/clock.ts';
import { openSampler } from '../../src/sample/sampler.ts';
import type { Smi, SmiListener } from '../../src/sample/smi.ts';
import { recordingPath } from './fake.ts';

const table = readFileSync(recordingPath('t4'), 'utf8').split('\n');
const [header = '', row = ''] = table.slice(table.findIndex((l) => l.startsWith('timestamp, ')));
const titles = header.split(', ').map((title) => title.split(' [')[0] ?? '');

/** What was asked of nvidia-smi, and which of it still runs. */
interface Scripted extends Smi {
  readonly started: string[];
  readonly running: Set<string>;
}

/** Answers the help and the first query by `when`, then stays silent until it is stopped, as a real one does. */
function scripted(when: { onHelp?: () => void; onRow?: () => void }, letsGo = true): Scripted {
  const running = new Set<string>();
  const started: string[] = [];
  const query = (args: readonly string[], listener: SmiListener): void => {
    const asked = (args[0] ?? '').replace('--query-gpu=', '').split(',');
    const cells = asked.map((name) => row.split(', ')[titles.indexOf(name)] ?? '[N/A]');
    listener.onLines([asked.join(', '), cells.join(', ')]);
    when.onRow?.();
  };
  return {
    started,
    running,
    start(args, listener) {
      const name = args[0]?.split('=')[0] ?? '';
      started.push(name);
      running.add(name);
      const end = (code: number | null): void => {
        if (!running.delete(name)) return;
        listener.onExit({
          code,
          signal: code === null ? 'SIGTERM' : null,
          rest: '',
          finished: false,
        });
      };
      setImmediate(() => {
        if (name === '--help-query-gpu') {
          when.onHelp?.();
          if (!letsGo) return;
          listener.onLines(titles.map((title) => `"${title}"`));
          end(0);
        } else if (name === '--query-gpu') query(args, listener);
      });
      const stop = async (): Promise<void> => {
        if (letsGo) end(null);
      };
      return { stop, pause: () => undefined, resume: () => undefined };
    },
    close: async () => undefined,
  };
}

/** A clock whose timers are counted: what is left of them keeps the process alive. */
function countedClock(): Clock & { readonly pending: Set<() => void> } {
  const pending = new Set<() => void>();
  return {
    pending,
    now: () => 0,
    after(_ms, callback) {
      pending.add(callback);
      return () => pending.delete(callback);
    },
  };
}

async function stoppedAt(moment: 'before' | 'help' | 'row', letsGo = true) {
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  if (moment === 'before') abort();
  const smi = scripted(moment === 'help' ? { onHelp: abort } : { onRow: abort }, letsGo);
  const clock = countedClock();
  let hostReadings = 0;
  const host = {
    readHost: async () => {
      hostReadings++;
      return [];
    },
  };
  const opened = openSampler({ smi, clock, intervalMs: 1000, host, signal: stop.signal });
  await expect(opened).rejects.toThrow('stopped before the first sample');
  // The children end a moment after the error.
  await new Promise((resolve) => setTimeout(resolve, 20));
  const due = [...clock.pending];
  for (const callback of due) callback();
  return {
    started: smi.started,
    running: [...smi.running],
    pending: clock.pending.size,
    hostReadings,
  };
}

it('a stop between the first row and the first sample leaves nothing running', async () => {
  expect(await stoppedAt('row')).toEqual({
    started: ['--help-query-gpu', '--query-gpu'],
    running: [],
    pending: 0,
    hostReadings: 0,
  });
});

it('a stop before or during the first question asks nothing more', async () => {
  const nothing = { running: [], pending: 0, hostReadings: 0 };
  expect(await stoppedAt('before')).toEqual({ started: [], ...nothing });
  expect(await stoppedAt('help')).toEqual({ started: ['--help-query-gpu'], ...nothing });
});

it('a stop does not wait for an nvidia-smi that the kernel does not let go of', async () => {
  expect(await stoppedAt('help', false)).toEqual({
    started: ['--help-query-gpu'],
    running: ['--help-query-gpu'],
    pending: 0,
    hostReadings: 0,
  });
});
