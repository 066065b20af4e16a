import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { renderHtml } from '../../../src/render/html/render.ts';
import type { Report } from '../../../src/report/report.ts';
import { reportSchema } from '../../../src/report/schema.ts';
import { aReport, someHours } from '../../kit/a-report.ts';
import { withTimeline } from '../../kit/a-timeline.ts';
import { hostile, hostileReport } from '../../kit/hostile-report.ts';

const options = { colorLevel: 0, width: 100, unicode: true, verbose: false } as const;
const page = (report: Report): string => renderHtml(report, options);

/** The page without our own script and style sheet, which change for reasons of their own. */
function content(report: Report): string {
  return page(report)
    .replace(/<style>[^]*?<\/style>/, '<style></style>')
    .replace(/<script>[^]*?<\/script>/, '<script></script>')
    .replace(/sha256-[\w+/=]+/g, 'sha256-…');
}

/** What a reader reads. */
function text(report: Report): string {
  return content(report)
    .replace(/<script[^]*?<\/script>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');
}

describe('the page', () => {
  it('is the same as ever', async () => {
    await expect(content(aReport())).toMatchFileSnapshot('../../golden/report-h100x8.html');
  });

  it('is the same each time', () => {
    expect(page(aReport())).toBe(page(aReport()));
  });

  it('says what was billed, what worked, at which price of which age', () => {
    const read = text(aReport());
    for (const part of [
      'gpu-node-17: 8 × NVIDIA H100 80GB HBM3',
      '2026-11-22 08:00 – 16:00 UTC (8 h), a sample every 1 s, 96 % of the billed time observed',
      'Billed $440.32 64.00 GPU-h aws/p5.48xlarge us-east-1 on-demand, $55.04/h',
      'Effective $141.00 20.49 GPU-h 33 % of observed time (29–37 %), by power',
      'price of 2026-07-20 (126 days old), karpenter; $6.88 a GPU',
      'Unobserved: gaps between samples 2.40 GPU-h',
      'host signals are missing',
      'The price of aws/p5.48xlarge is 126 days old',
    ]) {
      expect(read).toContain(part);
    }
  });

  it('falls from the bill to what worked, each bar where the last one ended', () => {
    const bars = [
      ...content(aReport()).matchAll(/<rect class="(\w+)" x="(\d+)" y="1" width="(\d+)"/g),
    ];
    const [first, ...steps] = bars.map(([, name, x, width]) => ({
      name,
      from: Number(x),
      to: Number(x) + Number(width),
    }));
    expect(first).toEqual({ name: 'billed', from: 0, to: 1000 });
    expect(steps.map(({ name }) => name)).toEqual([
      'unobserved',
      'emptyIdle',
      'heldIdle',
      'waiting',
      'throttled',
      'underfilled',
      'effective',
    ]);
    steps.reduce((left, { from, to }) => {
      expect(Math.abs(to - left)).toBeLessThanOrEqual(2);
      return from;
    }, 1000);
    expect(steps.at(-1)?.from).toBe(0);
  });

  it('links each interval of a finding to its place on the timeline', () => {
    const markup = content(aReport());
    expect(markup).toContain(
      '<a href="#gpu-4" data-zoom="0" data-interval="0">2026-11-22 09:36 – 16:00 UTC</a> (6 h 24 min)',
    );
    expect(markup).toContain('<figure id="gpu-4" data-gpu="4">');
    const data = /id="timeline-data">([^<]*)</.exec(markup)?.[1] ?? '';
    expect(JSON.parse(data)).toMatchObject({
      lengthMs: 8 * 3_600_000,
      marks: [
        {
          finding: 0,
          gpus: ['g5', 'g6', 'g7', 'g8'],
          intervals: [{ from: 5_760_000, to: 28_800_000 }],
        },
        { finding: 1, severity: 'warning' },
      ],
    });
  });

  it('marks each GPU only where the finding was seen on it, and links to such a GPU', () => {
    const base = aReport();
    const [held] = base.findings;
    if (held === undefined) throw new Error('the report has a finding');
    const span = (start: string, end: string) => ({
      start: `2026-11-22T${start}:00.000Z`,
      end: `2026-11-22T${end}:00.000Z`,
    });
    const markup = content(
      aReport({
        findings: [
          {
            ...held,
            gpus: ['g5', 'g6'],
            intervals: [span('08:00', '10:00'), span('12:00', '16:00')],
            gpuIntervals: [
              { gpu: 'g5', intervals: [span('12:00', '16:00')] },
              { gpu: 'g6', intervals: [span('08:00', '10:00')] },
            ],
          },
        ],
      }),
    );
    const paths = [...markup.matchAll(/data-finding="0" d="([^"]*)"/g)].map(([, d]) => d);
    expect(paths).toEqual(['M5000 0H10000V200H5000Z', 'M0 0H2500V200H0Z']);
    expect(markup).toContain('<a href="#gpu-5" data-zoom="0" data-interval="0">');
    expect(markup).toContain('<a href="#gpu-4" data-zoom="0" data-interval="1">');
  });

  it('draws clock hours where the report has no series', () => {
    const markup = content(aReport());
    expect(text(aReport())).toContain('By clock hour: this report holds no time series.');
    expect(markup).not.toContain('data-band=');
    expect(markup.match(/data-state="heldIdle" d="M/g)).toHaveLength(4);
  });

  it('draws utilization, load, power, memory and states from series', () => {
    const report = withTimeline(aReport(), 500);
    expect(() => reportSchema.parse(report)).not.toThrow();
    const markup = content(report);
    for (const band of ['utilizationPct', 'loadPct', 'powerW', 'memoryMib']) {
      expect(markup.match(new RegExp(`data-band="${band}" d="M`, 'g'))).toHaveLength(8);
    }
    expect(markup.match(/data-state="effective" d="M/g)).toHaveLength(8);
  });

  it('keeps many GPUs within what a page can weigh', () => {
    const base = aReport();
    const gpus = Array.from({ length: 64 }, (_, i) =>
      base.gpus.slice(0, 1).map((gpu) => ({ ...gpu, id: `g${i + 1}`, index: i })),
    ).flat();
    const markup = page(withTimeline({ ...base, gpus }, 4000));
    expect(markup.match(/<figure /g)).toHaveLength(64);
    expect(Buffer.byteLength(markup)).toBeLessThan(7_000_000);
  });

  it('names a lane only where something was read', () => {
    const report = withTimeline(aReport(), 50);
    const series = report.series?.map((one) => ({ ...one, load: one.load.map(() => null) }));
    const markup = content({ ...report, ...(series && { series }) });
    expect(markup).not.toContain('data-band="loadPct" d="M');
    expect(markup).toContain('>utilization, to 100 %<');
  });

  it('sets the estimate beside the invoice where there is one', () => {
    const start = '2026-11-22T08:00:00.000Z';
    const end = '2026-11-22T11:00:00.000Z';
    const read = text(
      aReport({
        reconciliation: {
          machine: 'm1',
          invoice: {
            name: 'focus.csv',
            resource: 'i-0abc',
            chosenBy: 'flag',
            type: null,
            start,
            end,
            rows: 3,
            rowsWithoutResource: 1,
          },
          currency: 'USD',
          estimated: { cost: 137.6, machineHours: 2.5 },
          charged: { cost: 145.99, machineHours: 2.5 },
          differences: [{ cause: 'tax', cost: 8.39, explanation: 'tax on the charges' }],
        },
      }),
    );
    expect(read).toContain('focus.csv: i-0abc');
    expect(read).toMatch(
      /estimated \$137\.60 .* tax \+\$8\.39 tax on the charges charged \$145\.99/,
    );
    expect(read).toContain('1 row of the invoice names no resource');
    expect(text(aReport())).not.toContain('invoice');
  });

  it('reads without a rate, a finding, a GPU', () => {
    const [machine] = aReport().machines;
    if (machine === undefined) throw new Error('a report has a machine');
    const hours = someHours({ effective: 0.0101, waiting: 0.0042 }, 'utilization');
    const bare = aReport({
      machines: [{ ...machine, type: null, rate: null, cost: null, gpuHours: hours }],
      gpuHours: hours,
      cost: null,
      gpus: [],
      periods: [],
      findings: [],
      notJudged: [],
      warnings: [],
    });
    const read = text(bare);
    expect(read).toContain('For money pass --machine provider/type');
    expect(read).toContain('No findings.');
    expect(read).not.toContain('$');
    expect(read).not.toMatch(/NaN|Infinity|undefined|null/);
  });
});

describe('safety', () => {
  it('refers to nothing outside itself', () => {
    for (const report of [aReport(), withTimeline(aReport(), 100), hostileReport()]) {
      const markup = page(report);
      const tags = markup.match(/<[a-z][^>]*>/gi) ?? [];
      const references = tags.flatMap((tag) => [
        ...tag.matchAll(/\s(?:src|href|srcset|action|data|poster|formaction)="([^"]*)"/gi),
      ]);
      expect(references.length).toBeGreaterThan(0);
      for (const [, target] of references) expect(target).toMatch(/^#[\w-]+$/);
      expect(markup).not.toMatch(/@import|url\(|<link|<iframe|<object|<base/i);
    }
  });

  it('allows our own script and style by their hash and nothing else', () => {
    const markup = page(aReport());
    const hash = (tag: string): string =>
      createHash('sha256')
        .update(new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(markup)?.[1] ?? '')
        .digest('base64');
    expect(/Content-Security-Policy" content="([^"]*)"/.exec(markup)?.[1]).toBe(
      [
        'default-src &#39;none&#39;',
        `script-src &#39;sha256-${hash('script')}&#39;`,
        `style-src &#39;sha256-${hash('style')}&#39;`,
        'base-uri &#39;none&#39;',
        'form-action &#39;none&#39;',
      ].join('; '),
    );
    expect(markup).not.toMatch(/\sstyle="|\son\w+="/);
  });

  it('takes hostile names for text', () => {
    const markup = content(hostileReport());
    expect(markup.match(/<script/g)).toHaveLength(2);
    expect(markup).not.toContain(hostile);
    expect(markup).not.toMatch(/<(?:img|svg\/|b>)/);
    expect(text(hostileReport())).toContain('&lt;/script&gt;&lt;script&gt;');
  });
});
