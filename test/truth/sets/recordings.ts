import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { record } from '../../../src/cli/record.ts';
import { stopOnSignals } from '../../../src/cli/stop-signals.ts';
import { readRecordedOutput } from '../../../src/sample/recording-file.ts';
import { openReplay } from '../../../src/sample/replay.ts';
import { reportOnPath } from '../product.ts';
import { each, type Labels, type TruthSet, wasteRules, without } from '../truth-case.ts';

/** From the project's folder, in which the harness and the tests are run: this file may be bundled elsewhere. */
const recordingPath = (name: string) => join('test/recordings', name);

const training = [0, 1, 2, 3, 4, 5];

/** The truth is what test/recordings/make.mjs was told to make. */
const recordings: readonly {
  readonly name: string;
  readonly path: string;
  readonly labels: Labels;
}[] = [
  {
    name: 't4: trains for two minutes, then keeps its memory',
    path: recordingPath('linux-x86_64__tesla-t4__550.54.15.txt'),
    labels: {
      present: {},
      absent: each(
        without(wasteRules, 'idle-held', 'throttled', 'slow-start', 'periodic-stall'),
        'all',
      ),
    },
  },
  {
    name: 'h100x8: six train, one serves a little, one is never used',
    path: recordingPath('linux-x86_64__nvidia-h100x8__590.48.01.txt'),
    labels: {
      present: { 'unused-gpus': [7] },
      absent: {
        ...each(wasteRules, training),
        ...each(['hung-collective', 'ghost-utilization'], 'all'),
      },
    },
  },
  {
    name: 'h100-mig: under MIG, where utilization is not reported',
    path: recordingPath('linux-x86_64__nvidia-h100-mig__590.48.01.txt'),
    labels: { present: {}, absent: each(wasteRules, 'all') },
  },
  {
    name: 'demo: one GPU waits, trains well, then keeps its memory; one is never used',
    path: 'src/demo/recording.txt.gz',
    labels: {
      present: { 'undetermined-wait': [0], 'idle-held': [0], 'unused-gpus': [1] },
      absent: each(['hung-collective', 'ghost-utilization', 'memory-oversubscribed'], 'all'),
    },
  },
];

/** Records the replay into a session, as `gpucost watch` does, and reports on that. */
async function reportOnReplay(path: string) {
  const { intervalMs, smi, clock, processNames } = openReplay(
    readRecordedOutput(readFileSync(path), path),
  );
  const home = await mkdtemp(join(tmpdir(), 'gpucost-truth-'));
  const stop = stopOnSignals();
  try {
    const host = {
      name: 'recording',
      key: 'recording',
      cpus: 0,
      memoryMib: 0,
      bootedAt: null,
      container: false,
    };
    const machine = {
      provider: null,
      type: null,
      region: null,
      purchase: null,
      detectedBy: 'none',
      launchedAt: null,
    } as const;
    const session = await record(
      {
        smi,
        clock,
        processNames,
        signals: null,
        identity: host,
        machine: () => Promise.resolve(machine),
      },
      {
        home,
        intervalMs,
        durationMs: null,
        gpus: null,
        command: null,
        stop,
        progress: null,
        onLine: () => undefined,
      },
    );
    return await reportOnPath(session);
  } finally {
    stop.release();
    await rm(home, { recursive: true, force: true });
  }
}

export const syntheticRecordings: TruthSet = {
  id: 'recordings',
  title: "The project's own recordings, replayed through watch",
  reality:
    'Synthetic: no hardware was involved. Real: the whole line, sampler and session store included.',
  chosenFor: 'all',
  isSlow: false,
  missing: null,
  carriesNoCause: true,
  cases: () =>
    recordings.map(({ name, path, labels }) => ({
      name,
      group: name,
      observe: async () => ({ report: await reportOnReplay(path), labels }),
    })),
};
