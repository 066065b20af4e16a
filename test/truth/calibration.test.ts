import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { calibrate, calibrationText, estimateErrors, halves } from './calibration.ts';

const startMs = Date.UTC(2026, 5, 1);
const columns = [
  'utilizationGpuPct',
  'memoryUsedMib',
  'powerDrawW',
  'powerLimitW',
  'smActivityShare',
  'dramActivityShare',
];
const gpu = {
  id: 'GPU-1',
  uuid: 'GPU-1',
  index: 0,
  name: 'NVIDIA H100 80GB HBM3',
  pciBusId: null,
  memoryTotalMib: 81559,
  powerLimitW: 700,
  clockSmMaxMhz: 1980,
  clockMemoryMaxMhz: 2619,
  pcieLinkGenMax: 5,
  pcieLinkWidthMax: 16,
  persistenceMode: true,
  displayActive: false,
  migMode: false,
};

/**
 * Synthetic: a minute at which the GPU is always busy, at its power limit and with this SM activity, after a minute of
 * nothing that the measured window leaves out.
 */
function run(
  results: string,
  [workload, knob]: readonly [string, string],
  smActivity: number,
  truth: object,
) {
  const folder = join(results, `${workload}-${knob}`, 'home/sessions/20260601-000000-abc');
  mkdirSync(folder, { recursive: true });
  const lines = [
    {
      kind: 'header',
      schema: 'gpucost.session/1',
      id: 'synthetic',
      tool: 'test',
      startedAt: startMs,
      intervalMs: 1000,
      hostIntervalMs: 5000,
      host: { name: 'h', key: 'h', cpus: 1, memoryMib: 1, bootedAt: null, container: false },
      driver: null,
      gpus: [gpu],
      columns,
      hostColumns: [],
      jobColumns: [],
      command: 'python3',
      machine: null,
    },
    ...Array.from({ length: 120 }, (_, i) => ({
      kind: 'tick',
      t: startMs + (i + 1) * 1000,
      rows: [i < 60 ? [0, 0, 0, 71, 700, 0, 0] : [0, 100, 9000, 700, 700, smActivity, 0]],
    })),
    { kind: 'end', t: startMs + 120_000, reason: 'command-ended' },
  ];
  writeFileSync(join(folder, '000001.jsonl'), lines.map((l) => `${JSON.stringify(l)}\n`).join(''));
  const told = { workload, knob, group: workload, expected: [], outcome: 'done', device: 'cuda' };
  const window = { fromMs: startMs + 60_000, toMs: startMs + 120_000, synthetic: true };
  writeFileSync(
    join(results, `${workload}-${knob}`, 'truth.json'),
    JSON.stringify({ ...told, ...window, ...truth }),
  );
}

const results = mkdtempSync(join(tmpdir(), 'gpucost-calibration-'));
run(results, ['alpha', '1'], 0.6, { gpmActivity: 0.6, shareOfBest: null });
run(results, ['alpha', '2'], 0.4, { gpmActivity: 0.5, shareOfBest: null });
run(results, ['beta', '1'], 0.3, { gpmActivity: null, shareOfBest: 0.5 });
run(results, ['gamma', '1'], 0.3, { outcome: 'failed: exit 1', gpmActivity: 0.1 });

describe('calibration on the proving ground', () => {
  it('has the error and bias of each variant, by half, as computed by hand', async () => {
    const runs = await calibrate(results, () => true);
    expect(runs).toHaveLength(3);
    // With GPM: the activity itself. By power at the limit: 0.88. By utilization alone: 1.
    const by = (variant: string, estimates: readonly number[]) => {
      for (const [i, { estimates: found }] of runs.entries()) {
        expect(found[variant], `${variant} ${i}`).toBeCloseTo(estimates[i] ?? NaN, 6);
      }
    };
    by('all signals', [0.6, 0.4, 0.3]);
    by('without power', [0.6, 0.4, 0.3]);
    by('without GPM', [0.88, 0.88, 0.88]);
    by('without both', [1, 1, 1]);

    const found = estimateErrors(runs).map(
      ({ half, against, variant, runs: count, absolute, bias }) =>
        `${half} | ${against} | ${variant} | ${count} | ${absolute.toFixed(3)} | ${bias.toFixed(3)}`,
    );
    expect(found).toEqual([
      'choose | GPM activity | all signals | 2 | 0.050 | -0.050',
      'choose | GPM activity | without power | 2 | 0.050 | -0.050',
      'choose | GPM activity | without GPM | 2 | 0.330 | 0.330',
      'choose | GPM activity | without both | 2 | 0.450 | 0.450',
      'report | relative throughput | all signals | 1 | 0.200 | -0.200',
      'report | relative throughput | without power | 1 | 0.200 | -0.200',
      'report | relative throughput | without GPM | 1 | 0.380 | 0.380',
      'report | relative throughput | without both | 1 | 0.500 | 0.500',
    ]);
    expect(calibrationText(runs)).toMatch(/alpha 1 +choose +0\.600 +unknown +0\.600/);
  });

  it('counts no run that is not of a GPU, and says so', async () => {
    const runs = await calibrate(results);
    expect(runs).toEqual([]);
    expect(calibrationText(runs)).toContain('nothing to calibrate on');
  });

  it('splits workloads by name, alternately', () => {
    expect([...halves(['c', 'a', 'b', 'a'])]).toEqual([
      ['a', 'choose'],
      ['b', 'report'],
      ['c', 'choose'],
    ]);
  });
});
