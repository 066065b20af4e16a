import { expect, it } from 'vitest';
import { listGpus } from '../../src/sample/list-gpus.ts';
import type { Smi } from '../../src/sample/smi.ts';

/** Answers every question with these lines. */
function answering(lines: readonly string[], code = 0): Smi {
  return {
    start: (_args, listener) => {
      queueMicrotask(() => {
        listener.onLines(lines);
        listener.onExit({ code, signal: null, rest: '', finished: false });
      });
      return { stop: async () => undefined, pause: () => undefined, resume: () => undefined };
    },
    close: async () => undefined,
  };
}

const clock = { now: () => 0, after: () => () => undefined };

it('lists names and memory, and leaves open what is not available', async () => {
  const lines = ['NVIDIA H100 80GB HBM3, 81559', 'NVIDIA GB10, [N/A]', '[Unknown Error], 100'];
  expect(await listGpus(answering(lines), clock)).toEqual({
    gpus: [
      { name: 'NVIDIA H100 80GB HBM3', memoryTotalMib: 81559 },
      { name: 'NVIDIA GB10', memoryTotalMib: null },
      { name: null, memoryTotalMib: 100 },
    ],
    failure: null,
  });
});

it('says why there is none in the words of nvidia-smi', async () => {
  const words = 'No devices were found';
  expect(await listGpus(answering([words], 6), clock)).toEqual({ gpus: [], failure: words });
  expect((await listGpus(answering([words]), clock)).failure).toBe('no GPU is listed');
});
