import { expect, test } from 'vitest';
import { renderGithub } from '../../src/render/github.ts';
import { renderJunit } from '../../src/render/junit.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { renderTable } from '../../src/render/table.ts';
import { reportSchema } from '../../src/report/schema.ts';
import { suppress } from '../../src/report/suppress.ts';
import { aReport } from '../kit/a-report.ts';

const renderOptions = { colorLevel: 0, unicode: true, width: 100, verbose: false } as const;

const report = aReport();
const [first] = report.findings;
const rule = first?.rule ?? '';
const lasting = { rule, reason: 'the notebook of the lab', until: '2999-01-01' };

test('what is accepted is no finding, and is listed whole with reason and date', () => {
  const after = suppress(report, [lasting]);
  expect(after.findings.map((finding) => finding.rule)).not.toContain(rule);
  expect(after.suppressed).toEqual([
    { ...first, suppression: { reason: 'the notebook of the lab', until: '2999-01-01' } },
  ]);
  expect(reportSchema.parse(after)).toEqual(after);
});

test('with a fingerprint it is that finding alone, and not the same rule elsewhere', () => {
  if (first === undefined) throw new Error('the report has no finding');
  const elsewhere = { ...first, fingerprint: '0123456789abcdef', gpus: ['g2'] };
  const both = { ...report, findings: [first, elsewhere] };
  const one = { ...lasting, fingerprint: first.fingerprint };
  expect(suppress(both, [one]).findings).toEqual([elsewhere]);
  expect(suppress(both, [one]).suppressed).toHaveLength(1);
  expect(suppress(both, [lasting]).findings).toEqual([]);
});

test('it holds on its last day and not on the next', () => {
  const today = report.generatedAt.slice(0, 10);
  const before = new Date(Date.parse(today) - 86_400_000).toISOString().slice(0, 10);
  expect(suppress(report, [{ ...lasting, until: today }]).suppressed).toHaveLength(1);
  const expired = suppress(report, [{ ...lasting, until: before }]);
  expect(expired.suppressed).toBeUndefined();
  expect(expired.findings).toEqual(report.findings);
  expect(expired.warnings.at(-1)).toMatchObject({ code: 'suppression-expired' });
});

test('a rule that found nothing leaves no trace', () => {
  expect(suppress(report, [{ ...lasting, rule: 'hung-collective' }]).suppressed).toBeUndefined();
});

test('the table says what was suppressed and until when, apart from what was not judged', () => {
  const text = renderTable(suppress(report, [lasting]), renderOptions).replaceAll(/\s+/g, ' ');
  expect(text).toContain(`suppressed until 2999-01-01: ${rule} on`);
  expect(text).toContain('(the notebook of the lab)');
  expect(text).not.toContain(`not judged: ${rule} (suppressed`);
});

test('what goes to a pull request names what was suppressed, in one line', () => {
  const after = suppress(report, [lasting]);
  const said = `1 suppressed: ${rule} (the notebook of the lab, until 2999-01-01)`;
  expect(renderMarkdown(after, renderOptions)).toContain(`- ${said}`);
  expect(renderGithub(after, renderOptions)).toContain(
    `::notice title=gpucost%3A suppressed findings::${said}`,
  );
  expect(renderJunit(after, renderOptions)).toMatch(
    new RegExp(`name="${rule}"[^>]*>\\s*<skipped message="suppressed until 2999-01-01`),
  );
  expect(renderMarkdown(report, renderOptions)).not.toContain('suppressed');
});
