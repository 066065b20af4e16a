import { describe, expect, it } from 'vitest';
import { renderers } from '../../src/render/index.ts';
import type { Report } from '../../src/report/report.ts';
import { aReport, someCost, someHours } from '../kit/a-report.ts';

const options = { colorLevel: 0 as const, unicode: true, width: 100, verbose: false };

function byUser(isPriced: boolean): Report {
  const row = (name: string, kind: 'owner' | 'unowned') => {
    const gpuHours = someHours({ effective: 2, waiting: 1 });
    return {
      name,
      kind,
      gpuHours,
      cost: isPriced ? someCost(gpuHours, 2) : null,
      gpus: ['g1'],
      start: null,
      end: null,
      splitBy: kind === 'owner' ? { alone: 2, smUtilization: 0, memory: 1, equal: 0 } : null,
    };
  };
  const owners = Array.from({ length: 25 }, (_, i) => row(`u${i}|<b>`, 'owner'));
  const groups = { by: 'user' as const, rows: [...owners, row('nobody', 'unowned')] };
  return aReport(isPriced ? { groups } : { groups, cost: null });
}

describe.each([true, false])('rows by owner, with a price: %s', (isPriced) => {
  const report = byUser(isPriced);

  it('in Markdown have as many cells as the head, and names can not break them', () => {
    const lines = renderers.markdown(report, options).split('\n');
    const head = lines.findIndex((line) => line.startsWith('| By user'));
    const rows = lines.slice(head, lines.indexOf('', head));
    const cells = (line: string) => line.replaceAll('\\|', '').split('|').length;
    expect(rows).toHaveLength(2 + 20 + 1 + 1);
    expect(new Set(rows.map(cells))).toEqual(new Set([isPriced ? 7 : 6]));
    expect(rows.join('\n')).toContain('67 % alone on it, 33 % memory held');
    expect(rows.join('\n')).toContain('and 5 more');
    expect(rows.join('\n')).not.toContain('<b>');
  });

  it('in CSV are all there, each with the cells of the head', () => {
    const [head = '', ...rows] = renderers.csv(report, options).trim().split(/\r?\n/);
    expect(rows).toHaveLength(26);
    expect(new Set(rows.map((row) => row.split(',').length))).toEqual(
      new Set([head.split(',').length]),
    );
    expect(head).toMatch(/^name,kind,gpus,start,end,/);
  });

  it('in HTML are all there, escaped, with what they were split by', () => {
    const page = renderers.html(report, options);
    const section = page.slice(page.indexOf('<h2 id="groups">By user'));
    const table = section.slice(0, section.indexOf('</section>'));
    expect(table.match(/<tr/g)).toHaveLength(27);
    expect(table).toContain('u24|&lt;b&gt;');
    expect(table).toContain('67 % alone on it, 33 % memory held');
  });
});

describe('rows in two currencies', () => {
  const gpuHours = someHours({ effective: 2, waiting: 1 });
  const row = (name: string, currency: string, perHour: number) => ({
    name,
    kind: 'owner' as const,
    gpuHours,
    cost: someCost(gpuHours, perHour, currency),
    gpus: ['g1'],
    start: null,
    end: null,
    splitBy: { alone: 3, smUtilization: 0, memory: 0, equal: 0 },
  });
  const rows = [row('ada', 'EUR', 5), row('ada', 'USD', 2)];
  const report = aReport({ cost: null, groups: { by: 'user' as const, rows } });

  it.each(['table', 'markdown', 'html'] as const)('keep each its own money in %s', (format) => {
    const text = renderers[format](report, options);
    const from = text.search(/by user/i);
    const groups = text.slice(from);
    expect(groups).toContain('€15.00');
    expect(groups).toContain('$6.00');
    expect(groups).not.toContain('21.00');
  });

  it('keep each its own money in JSON and CSV', () => {
    const csv = renderers.csv(report, options);
    expect(csv.match(/EUR/g)).toHaveLength(1);
    expect(csv.match(/USD/g)).toHaveLength(1);
    expect(JSON.parse(renderers.json(report, options))).toMatchObject({
      cost: null,
      groups: {
        rows: [{ cost: { currency: 'EUR', billed: 15 } }, { cost: { currency: 'USD', billed: 6 } }],
      },
    });
  });
});

it('one job of two, in a table and in Markdown', async () => {
  const row = (
    name: string,
    effective: number,
    smUtilization: number,
    kind: 'owner' | 'unowned',
  ) => {
    const gpuHours = someHours(kind === 'owner' ? { effective, waiting: 1 } : { emptyIdle: 2 });
    return {
      name,
      kind,
      gpuHours,
      cost: someCost(gpuHours, 6.88),
      gpus: ['g1', 'g2'],
      start: null,
      end: null,
      splitBy:
        kind === 'owner'
          ? { alone: effective + 1 - smUtilization, smUtilization, memory: 0, equal: 0 }
          : null,
    };
  };
  const rows = [
    row('Slurm job 4711', 6, 0, 'owner'),
    row('node1: torchrun (pid 3000)', 3, 1, 'owner'),
    row('nobody', 0, 0, 'unowned'),
  ];
  const report = aReport({ groups: { by: 'job' as const, rows } });
  const table = renderers.table(report, { ...options, width: 120 });
  const markdown = renderers.markdown(report, options);
  const part = (text: string, start: RegExp) => {
    const from = text.slice(text.search(start));
    return `${from.slice(0, from.search(/\n\s*\n/))}\n`;
  };
  await expect(part(table, /^.*by job/m)).toMatchFileSnapshot('../golden/groups-by-job-120.txt');
  await expect(part(markdown, /^\| By job/m)).toMatchFileSnapshot('../golden/groups-by-job.md');
});
