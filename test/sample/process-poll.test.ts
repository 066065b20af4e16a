import { describe, expect, it } from 'vitest';
import { processPoll } from '../../src/sample/process-poll.ts';
import type { Smi } from '../../src/sample/smi.ts';

/** Polls that answer one list after the other, and what is counted on GPU 0 after each. */
async function counts(
  steps: readonly { readonly apps: readonly string[]; readonly held: boolean }[],
): Promise<{ readonly counted: readonly (number | null)[]; readonly hidden: readonly string[] }> {
  const hidden: string[] = [];
  const counted: (number | null)[] = [];
  const due: (() => void)[] = [];
  let step = 0;
  const smi: Smi = {
    start(_, listener) {
      queueMicrotask(() => {
        listener.onLines(steps[step]?.apps ?? []);
        listener.onExit({ code: 0, signal: null, rest: '', finished: false });
      });
      return { stop: async () => undefined, pause: () => undefined, resume: () => undefined };
    },
    close: async () => undefined,
  };
  const clock = {
    now: () => 10_000 * step,
    after: (ms: number, callback: () => void) => {
      // The time limit of a poll is 20 s; the next poll comes after 10 s.
      if (ms === 10_000) due.push(callback);
      return () => undefined;
    },
  };
  const poll = processPoll({
    smi,
    clock,
    paceMs: 10_000,
    names: (pid) => (pid === 1 ? ['python'] : null),
    ownerOf: () => null,
    positionOfUuid: () => 0,
    isHeldUnseen: () => steps[step]?.held ?? false,
    onList: () => undefined,
    onHidden: (message) => hidden.push(message),
    onUnsupported: (message) => {
      throw new Error(message);
    },
  });
  poll.start();
  for (; step < steps.length; step++) {
    await new Promise((resolve) => setImmediate(resolve));
    counted.push(poll.count(0));
    if (step + 1 < steps.length) queueMicrotask(due.shift() ?? (() => undefined));
  }
  poll.stop();
  return { counted, hidden };
}

const ours = 'GPU-1, 1, python, 400';
const stranger = 'GPU-1, 77, python, 400';
const held = { apps: [], held: true };
const free = { apps: [], held: false };

describe.runIf(process.platform === 'linux')('the number of processes', () => {
  it('is 0 where none is listed and nothing is held', async () => {
    expect(await counts([free, free])).toEqual({ counted: [0, 0], hidden: [] });
  });

  it('is unknown where a GPU is held and none is listed, and stays so once it is free', async () => {
    const { counted, hidden } = await counts([held, held, free, free]);
    expect(counted).toEqual([null, null, null, null]);
    expect(hidden).toHaveLength(1);
  });

  it('is unknown from the first such list on, also after good ones', async () => {
    const { counted } = await counts([free, held, held, free]);
    expect(counted).toEqual([0, null, null, null]);
  });

  it('is unknown after strangers alone, also when they are gone', async () => {
    const { counted } = await counts([
      { apps: [stranger], held: true },
      { apps: [stranger], held: true },
      free,
      free,
    ]);
    expect(counted).toEqual([null, null, null, null]);
  });

  it('is known again once a listed process is ours', async () => {
    const { counted } = await counts([held, held, { apps: [ours], held: true }, free]);
    expect(counted).toEqual([null, null, 1, 0]);
  });

  it('is known again after one list that met a process just ending', async () => {
    const { counted, hidden } = await counts([{ apps: [ours], held: true }, held, free]);
    expect(counted).toEqual([1, null, 0]);
    expect(hidden).toEqual([]);
  });
});
