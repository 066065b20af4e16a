import { describe, expect, it } from 'vitest';
import type { LiveGpu, LiveMachine } from '../../src/audit/live-usage.ts';
import { liveFrame } from '../../src/render/live.ts';
import { createCanvas } from '../../src/render/table.ts';
import { width } from '../../src/render/text.ts';

const gpuAt = (index: number): LiveGpu => ({
  identity: {
    id: `GPU-${index}`,
    uuid: `GPU-${index}`,
    index,
    name: '训练 NVIDIA H100 80GB HBM3 \u001b[31m',
    pciBusId: null,
    memoryTotalMib: 81_559,
    powerLimitW: 700,
    clockSmMaxMhz: null,
    clockMemoryMaxMhz: null,
    pcieLinkGenMax: null,
    pcieLinkWidthMax: null,
    persistenceMode: null,
    displayActive: null,
    migMode: null,
  },
  utilizationPct: index === 1 ? null : 96,
  memoryUsedMib: index === 1 ? null : 71_168,
  powerW: index === 1 ? null : 682.3,
  load: index === 1 ? null : 0.97,
  now: index === 1 ? 'no reading' : index === 2 ? 'held idle' : 'busy',
  history: [null, 0, 0.5, 1, ...Array.from({ length: 56 }, (_, i) => (i % 9) / 8)],
  billedMs: 3_600_000,
  wastedMs: 900_000,
  billedCost: 6.88,
  wastedCost: 1.72,
});

const machineOf = (count: number): LiveMachine => ({
  gpus: Array.from({ length: count }, (_, index) => gpuAt(index)),
  currency: 'USD',
  perHour: 55.04,
  billedMs: count * 3_600_000,
  wastedMs: count * 900_000,
  billedCost: count * 6.88,
  wastedCost: count * 1.72,
});

const facts = {
  host: 'gpu-node-17',
  machineType: 'aws/p5.48xlarge',
  sessionId: '20261122-080000-abc',
  elapsedMs: 3_600_000,
  trouble: null,
  notice: null,
};

const frame = (
  count: number,
  columns: number,
  rows: number,
  change: Partial<typeof facts> | { trouble: string } = {},
) =>
  liveFrame(
    machineOf(count),
    { ...facts, ...change },
    rows,
    createCanvas({ colorLevel: 0, unicode: true, verbose: false, width: columns }),
  );

describe('fits the terminal', () => {
  it.each([
    [1, 60, 12],
    [8, 80, 24],
    [16, 80, 23],
    [16, 80, 12],
    [8, 160, 50],
  ])('%i GPUs on %i × %i', (count, columns, rows) => {
    const lines = frame(count, columns, rows, { trouble: 'nvidia-smi ended\u0007 or hung' }).split(
      '\n',
    );
    expect(lines.length).toBeLessThanOrEqual(rows);
    for (const line of lines) {
      expect(width(line), line).toBeLessThanOrEqual(columns);
      // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
      expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    }
  });

  it('shows 16 GPUs on 24 lines, and says how many are left out on fewer', () => {
    expect(frame(16, 80, 23)).toContain('\n 15 ');
    expect(frame(16, 80, 12)).toMatch(/and \d+ more GPUs/);
  });
});

it('golden at 80 × 24 and 160 × 50', async () => {
  await expect(frame(8, 80, 24)).toMatchFileSnapshot('../golden/live-80.txt');
  await expect(
    frame(8, 160, 50, { trouble: 'nvidia-smi ended or hung: no row for 10 s' }),
  ).toMatchFileSnapshot('../golden/live-160.txt');
});

it('without a price counts GPU time', () => {
  const machine = {
    ...machineOf(2),
    currency: null,
    perHour: null,
    billedCost: null,
    wastedCost: null,
  };
  const text = liveFrame(
    machine,
    facts,
    24,
    createCanvas({ colorLevel: 0, unicode: true, verbose: false, width: 80 }),
  );
  expect(text).toContain('2.00 GPU-h so far, wasted 0.50 (25 %); no price');
  expect(text).not.toContain('$');
});
