import { describe, expect, it } from 'vitest';
import type { LiveGpu, LiveMachine } from '../../src/audit/live-usage.ts';
import { type LiveChoice, liveFrame } from '../../src/render/live.ts';
import { inOrder, type LiveOrder } from '../../src/render/live-order.ts';
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
  processes:
    index === 1
      ? null
      : Array.from({ length: (index % 3) + 1 }, (_, i) => ({
          pid: 4000 + 10 * index + i,
          name: i === 0 ? '训练 python3' : 'pt_data_worker\u001b[2J',
          memoryMib: i === 0 ? 61_440 : null,
          smPct: index % 3 === 2 ? 40 : null,
          user: i === 0 ? 'ada' : null,
        })),
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

const plainChoice: LiveChoice = { order: 'gpu', withProcesses: true, hasKeys: true };

const frame = (
  count: number,
  columns: number,
  rows: number,
  change: Partial<typeof facts> | { trouble: string } = {},
  choice: Partial<LiveChoice> = {},
) =>
  liveFrame(
    machineOf(count),
    { ...facts, ...change },
    rows,
    {
      ...createCanvas({ colorLevel: 0, unicode: true, verbose: false, width: columns }),
      width: columns,
    },
    { ...plainChoice, ...choice },
  );

describe('fits the terminal', () => {
  it.each([
    [1, 60, 12],
    [4, 40, 10],
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
    plainChoice,
  );
  expect(text).toContain('2.00 GPU-h so far, wasted 0.50 (25 %); no price');
  expect(text).not.toContain('$');
});

describe('sorts by what was asked for', () => {
  const machine = machineOf(4);
  const [a, b, c, d] = machine.gpus.map((gpu, i) => ({
    ...gpu,
    utilizationPct: [10, null, 90, 10][i] ?? null,
    memoryUsedMib: [4, 3, 2, null][i] ?? null,
    wastedMs: [1, 4, 4, 9][i] ?? 0,
  }));
  const gpus = [a, b, c, d].filter((gpu) => gpu !== undefined);
  const order = (by: LiveOrder) => inOrder(gpus, by).map(({ identity }) => identity.index);

  it.each([
    ['gpu', [0, 1, 2, 3]],
    ['utilization', [2, 0, 3, 1]],
    ['memory', [0, 1, 2, 3]],
    ['wasted', [3, 1, 2, 0]],
  ] as const)('%s: largest first, unknown last, equal by index', (by, expected) => {
    expect(order(by)).toEqual(expected);
  });
});

describe('processes', () => {
  it('stand under their GPU where there is room', () => {
    const text = frame(2, 100, 24);
    expect(text).toContain('       4000 训练 python3');
    expect(frame(2, 100, 24, {}, { withProcesses: false })).not.toContain('4000');
  });

  it('give way to GPUs, and are counted where they do not fit', () => {
    const lines = frame(3, 100, 11).split('\n');
    expect(lines.length).toBeLessThanOrEqual(11);
    expect(lines.join('\n')).toContain('and 3 more');
    expect(frame(16, 80, 23)).not.toContain('pt_data');
  });
});
