import { describe, expect, it } from 'vitest';
import { renderTable } from '../../src/render/table.ts';
import { width } from '../../src/render/text.ts';
import type { Report } from '../../src/report/report.ts';
import { reportSchema } from '../../src/report/schema.ts';
import { aReport, someCost, someHours } from '../kit/a-report.ts';

const plain = { colorLevel: 0, unicode: true, verbose: false } as const;
const at = (report: Report, columns: number): string =>
  renderTable(report, { ...plain, width: columns });

/** One L4 for a minute, without a rate and without power readings. */
function withoutRate(): Report {
  const gpuHours = someHours(
    { effective: 0.0101, waiting: 0.0042, heldIdle: 0.0023 },
    'utilization',
  );
  const base = aReport();
  const [machine] = base.machines;
  const [gpu] = base.gpus;
  if (machine === undefined || gpu === undefined) throw new Error('a report has both');
  return {
    ...base,
    machines: [
      {
        ...machine,
        host: 'laptop',
        provider: null,
        type: null,
        region: null,
        purchase: null,
        detectedBy: 'none',
        gpuCount: 1,
        bills: null,
        rate: null,
        hiddenGpus: { count: 0, gpuHours: 0, cost: null },
        gpuHours,
        cost: null,
      },
    ],
    gpuHours,
    cost: null,
    gpus: [{ ...gpu, name: 'NVIDIA L4', gpuHours, cost: null, powerW: null }],
    periods: [],
    findings: [],
    recoverable: null,
    notJudged: [],
    warnings: [],
  };
}

/** Two of eight GPUs seen: the rest of the bill is unobserved. */
function withHidden(): Report {
  const base = aReport();
  const seen = base.gpus.slice(0, 2);
  const [machine] = base.machines;
  const [first] = seen;
  if (machine === undefined || first === undefined) throw new Error('a report has both');
  const { byState } = first.gpuHours;
  const total = someHours({
    effective: 2 * byState.effective,
    underfilled: 2 * byState.underfilled,
    throttled: 2 * byState.throttled,
    waiting: 2 * byState.waiting,
    unobserved: 48.6,
  });
  const gpuHours = { ...total, unobservedBy: { ...total.unobservedBy, gap: 0.6, hiddenGpus: 48 } };
  const cost = someCost(gpuHours, 6.88);
  return {
    ...base,
    gpus: seen,
    gpuHours,
    cost,
    machines: [
      { ...machine, hiddenGpus: { count: 6, gpuHours: 48, cost: 330.24 }, gpuHours, cost },
    ],
    findings: base.findings.slice(1),
    recoverable: null,
  };
}

describe('golden', () => {
  it.each([
    ['h100x8', aReport()],
    ['without-rate', withoutRate()],
    ['hidden-gpus', withHidden()],
  ] as const)('%s at 80, 100 and 160 columns', async (name, report) => {
    reportSchema.parse(report);
    for (const columns of [80, 100, 160]) {
      await expect(at(report, columns)).toMatchFileSnapshot(
        `../golden/table-${name}-${columns}.txt`,
      );
    }
  });

  it('in colour', async () => {
    const text = renderTable(aReport(), { ...plain, colorLevel: 1, width: 80 });
    await expect(text.replaceAll('\u001b', '␛')).toMatchFileSnapshot(
      '../golden/table-colour-80.txt',
    );
  });

  it('in ASCII', async () => {
    const text = renderTable(aReport(), { ...plain, unicode: false, width: 80 });
    expect(text).not.toMatch(/[^\n -~]/);
    await expect(text).toMatchFileSnapshot('../golden/table-ascii-80.txt');
  });
});

describe('what is shown adds up', () => {
  it.each([80, 160])('hours, cost and shares of the states at %d columns', (columns) => {
    const rows = at(aReport(), columns)
      .split('\n')
      .flatMap((line) => {
        const match = /^([a-z ]+?) +([\d.,]+) +\$([\d.,]+) +([\d.]+) %/.exec(line);
        return match === null ? [] : [match];
      })
      .map(([, label = '', hours, cost, share]) => ({
        label,
        hours: Number(hours),
        cost: Number(cost?.replaceAll(',', '')),
        share: Number(share),
      }));
    const states = rows.filter(({ label }) => label !== 'billed');
    const billed = rows.find(({ label }) => label === 'billed');
    expect(states).toHaveLength(7);
    for (const column of ['hours', 'cost', 'share'] as const) {
      const sum = states.reduce((total, row) => total + row[column], 0);
      expect(sum).toBeCloseTo(billed?.[column] ?? Number.NaN, 9);
    }
  });
});

describe('width', () => {
  const wideName =
    '训练节点-🚀-非常长的主机名-with-a-very-long-latin-tail-that-goes-on-and-on-and-on';
  const base = aReport();
  const report: Report = {
    ...base,
    machines: base.machines.map((machine) => ({ ...machine, host: wideName })),
    gpus: base.gpus.map((gpu, index) => ({
      ...gpu,
      name: index === 0 ? `${wideName} GPU` : gpu.name,
    })),
  };
  it.each([60, 80, 100, 160])(
    'no line is wider than %d columns, CJK and emoji included',
    (columns) => {
      for (const line of at(report, columns).split('\n')) {
        expect(width(line), line).toBeLessThanOrEqual(columns);
      }
    },
  );
});

describe('hostile names', () => {
  const evil = '\u001b[2J\u001b]0;owned\u0007\u009b31mx\r\n\u202egpj.exe';
  const base = aReport();
  const report: Report = {
    ...base,
    machines: base.machines.map((machine) => ({ ...machine, host: evil, type: evil })),
    gpus: base.gpus.map((gpu) => ({ ...gpu, name: evil })),
    findings: base.findings.map((finding) => ({ ...finding, summary: evil, title: evil })),
    warnings: [{ code: 'x', message: evil }],
    notJudged: [{ rule: evil, gpus: ['g1'], reason: evil }],
  };
  it('reach no terminal as commands', () => {
    const text = renderTable(report, { ...plain, width: 80, verbose: true });
    // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  });
});

it('without a rate says what to pass', () => {
  const text = at(withoutRate(), 80);
  expect(text).toContain('--machine provider/type');
  expect(text).toContain('--rates FILE');
  expect(text).toContain('at most');
  expect(text).not.toContain('$');
});

it('with utilization as basis claims an upper bound only', () => {
  expect(at(withoutRate(), 100)).toMatch(
    /Effective .* at most \d+ % of observed time, by utilization/,
  );
});
