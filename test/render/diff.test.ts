import { describe, expect, it } from 'vitest';
import { diffSchema } from '../../src/diff/schema.ts';
import type { Diff } from '../../src/diff/verdict.ts';
import { diffFormats } from '../../src/render/diff/formats.ts';
import { diffRenderers } from '../../src/render/diff/index.ts';
import { markdownMarker } from '../../src/render/markdown.ts';
import { aDiff } from '../kit/a-diff.ts';

const options = { colorLevel: 0, width: 100, unicode: true, verbose: false } as const;

const files: Readonly<Record<(typeof diffFormats)[number], string>> = {
  table: 'diff-100.txt',
  json: 'diff.json',
  markdown: 'diff.md',
  html: 'diff.html',
  csv: 'diff.csv',
  junit: 'diff.xml',
  github: 'diff.github',
};

describe.each(diffFormats)('%s', (format) => {
  it('reads as it is kept', async () => {
    const text = diffRenderers[format](aDiff(), options);
    // The page's style sheet is kept by the report's page.
    const kept = text
      .replace(/<style>[^]*?<\/style>/, '<style></style>')
      .replace(/sha256-[\w+/=]+/g, 'sha256-…');
    await expect(kept).toMatchFileSnapshot(`../golden/${files[format]}`);
  });
});

it('the JSON is the comparison and fits its schema', () => {
  expect(diffSchema.parse(JSON.parse(diffRenderers.json(aDiff(), options)))).toEqual(aDiff());
});

it('the comment has a marker of its own', () => {
  const text = diffRenderers.markdown(aDiff(), options);
  expect(text.startsWith('<!-- gpucost:diff -->\n')).toBe(true);
  expect(text).not.toContain(markdownMarker);
});

it('JUnit is red where the gate fails, and at no other time', () => {
  expect(diffRenderers.junit(aDiff(0.05), options)).toContain('failures="1"');
  expect(diffRenderers.junit(aDiff(0.5), options)).toContain('failures="0"');
  expect(diffRenderers.junit(aDiff(0.12), options)).toContain('skipped="1"');
});

describe('hostile names', () => {
  const evil = '<img src=x onerror=alert(1)> @everyone | \u001b[2J';
  const base = aDiff();
  const diff: Diff = {
    ...base,
    before: { ...base.before, name: evil, gpus: evil, machines: evil },
    findings: base.findings.map((finding) => ({ ...finding, title: evil, reason: evil })),
    notCompared: [evil],
  };

  it.each(diffFormats.filter((format) => format !== 'json'))('are text in %s', (format) => {
    const text = diffRenderers[format](diff, options);
    expect(text).not.toContain('\u001b');
    if (format === 'html' || format === 'markdown' || format === 'junit') {
      expect(text).not.toContain('<img');
    }
    if (format === 'markdown') expect(text).not.toContain('@everyone');
  });
});
