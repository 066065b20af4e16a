import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gpuColumns } from '../../../src/sample/columns.ts';
import type { SessionLine } from '../../../src/store/lines.ts';
import { readLabelledTrace } from '../../kit/labelled-trace.ts';
import { anOwner } from '../../kit/owners.ts';
import { aHeader } from '../../kit/session-lines.ts';
import { hasShared } from '../../kit/shared.ts';
import { reportOnPath } from '../product.ts';
import type { Labels, TruthSet } from '../truth-case.ts';

const gpus = [0, 1, 2, 3, 4, 5, 6, 7] as const;

interface Shared {
  readonly name: string;
  readonly trace: 't2' | 'e2';
  /** By GPU: processes with the same port were launched together. */
  readonly port: (gpu: number) => number;
  readonly labels: Labels;
}

const runs: readonly Shared[] = [
  {
    name: 'e2 as one job on all eight: four of them hardly work',
    trace: 'e2',
    port: () => 29_500,
    labels: { present: { imbalance: [0, 1, 2, 3] }, absent: { imbalance: [4, 5, 6, 7] } },
  },
  {
    name: 'e2 as it was: serving on four GPUs, training on the others',
    trace: 'e2',
    port: (gpu) => (gpu < 4 ? 29_500 : 29_501),
    labels: { present: {}, absent: { imbalance: 'all' } },
  },
  {
    name: 't2 as it was: one data-parallel job, ranks alike',
    trace: 't2',
    port: () => 29_500,
    labels: { present: {}, absent: { imbalance: 'all' } },
  },
];

/** The trace once a second as a session, with one process a GPU. */
function sessionLines({ trace, port }: Shared): readonly SessionLine[] {
  const traces = readLabelledTrace(trace);
  const startMs = Math.max(...traces.map(({ readings }) => readings[0]?.timeMs ?? 0));
  const endMs = Math.min(...traces.map(({ readings }) => readings.at(-1)?.timeMs ?? 0));
  const lines: SessionLine[] = [
    aHeader(gpus.length, { startedAt: startMs - 1000 }),
    {
      kind: 'processes',
      t: startMs,
      visible: true,
      processes: gpus.map((gpu) => ({
        gpu,
        pid: 4000 + gpu,
        name: 'python3',
        memoryMib: 20_000,
        owner: anOwner({ startTicks: 100 + gpu, rank: gpu, rendezvousPort: port(gpu) }),
      })),
    },
  ];
  for (let t = startMs; t <= endMs; t += 1000) {
    const rows = traces.map(({ index, readings }) => {
      const reading = readings.find(({ timeMs }) => timeMs >= t);
      const values: Readonly<Record<string, number | undefined>> = {
        ...reading,
        powerDrawW: reading?.powerW,
        memoryTotalMib: 81_559,
        powerLimitW: 700,
        computeProcesses: 1,
      };
      return [
        index,
        ...gpuColumns.map((column) => {
          const value = values[column];
          return value === undefined || Number.isNaN(value) ? null : value;
        }),
      ];
    });
    lines.push({ kind: 'tick', t, rows });
  }
  lines.push({ kind: 'end', t: endMs, reason: 'duration' });
  return lines;
}

export const wholeMachine: TruthSet = {
  id: 'h100-jobs',
  title: '8 × H100 under DCGM, with a process list that says which GPUs are one job',
  reality:
    'Real: every reading. Ours: the process list. What e2 would be if one job held all eight is a made-up case of real curves.',
  chosenFor: ['imbalance'],
  isSlow: false,
  missing: hasShared ? null : 'the traces are not beside the project',
  carriesNoCause: true,
  cases: (scratch) =>
    runs.map((run, i) => ({
      name: run.name,
      group: run.name,
      observe: async () => {
        const session = join(scratch, `jobs-${i}.jsonl`);
        const lines = sessionLines(run).map((line) => JSON.stringify(line));
        writeFileSync(session, `${lines.join('\n')}\n`);
        return { report: await reportOnPath(session), labels: run.labels };
      },
    })),
};
