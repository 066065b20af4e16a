import { describe, expect, it } from 'vitest';
import { formatOfFile, formats } from '../../src/render/formats.ts';
import { renderers } from '../../src/render/index.ts';
import { reportSchema } from '../../src/report/schema.ts';
import { aReport } from '../kit/a-report.ts';

const options = { colorLevel: 0, width: 100, unicode: true, verbose: false } as const;

it('offers a renderer for each format', () => {
  expect(Object.keys(renderers)).toEqual([...formats]);
});

it('knows formats by extension', () => {
  expect(['a.json', 'b.MD', 'c.csv', 'd.txt', 'e.html', 'f'].map(formatOfFile)).toEqual([
    'json',
    'markdown',
    'csv',
    'table',
    'html',
    null,
  ]);
});

it('JSON is the report itself', async () => {
  const text = renderers.json(aReport(), options);
  expect(reportSchema.parse(JSON.parse(text))).toEqual(aReport());
  await expect(text).toMatchFileSnapshot('../golden/report-h100x8.json');
});

it('Markdown begins with the marker by which a comment is found again', async () => {
  const text = renderers.markdown(aReport(), options);
  expect(text.startsWith('<!-- gpucost:report -->\n')).toBe(true);
  await expect(text).toMatchFileSnapshot('../golden/report-h100x8.md');
});

describe('hostile names', () => {
  const evil = '=cmd|" /C calc"!A1 <img src=x onerror=alert(1)> @everyone `x` | [a](b)';
  const base = aReport();
  const report = {
    ...base,
    machines: base.machines.map((machine) => ({ ...machine, host: evil })),
    gpus: base.gpus.map((gpu) => ({ ...gpu, name: evil })),
  };

  it('are text in Markdown', () => {
    const text = renderers.markdown(report, options);
    expect(text).not.toContain('<img');
    expect(text).not.toContain('@everyone');
  });

  it('end no code of our own sentences', () => {
    const summaries = ['run `gpucost watch` on <b>', '```<img src=x>`', '`` `<img>` ``', '`<img>'];
    const findings = base.findings
      .slice(0, 1)
      .flatMap((finding) => summaries.map((summary) => ({ ...finding, summary })));
    const lines = summaries.map((_, i) =>
      renderers
        .markdown({ ...base, findings: findings.slice(i, i + 1) }, options)
        .split('\n')
        .find((line) => line.startsWith('- **critical**'))
        ?.split(': ')
        .at(-1),
    );
    expect(lines).toEqual([
      'run `gpucost watch` on &lt;b&gt;',
      '\\`\\`\\`&lt;img src=x&gt;\\`',
      '\\`\\` `<img>` \\`\\`',
      '\\`&lt;img&gt;',
    ]);
  });

  it('are text in CSV, one row a GPU and hour', () => {
    const lines = renderers.csv(report, options).trimEnd().split('\n');
    expect(lines).toHaveLength(1 + report.periods.length);
    expect(lines[1]).toContain(`"'=cmd|"" /C calc""!A1`);
  });
});
