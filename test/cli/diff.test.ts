import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { diffSchema } from '../../src/diff/schema.ts';
import { aCountedReport, aSlowerReport } from '../kit/a-diff.ts';
import { aReport } from '../kit/a-report.ts';
import { runCli } from '../kit/run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'gpucost-diff-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const before = write('before.json', aCountedReport(0.5));
const after = write('after.json', aSlowerReport());
const { noise: _noise, work: _work, ...old } = aReport();
const older = write('older.json', old);

/** An hour of a job that works three seconds of four: synthetic. */
const log = write(
  'gpu.csv',
  [
    'timestamp, index, uuid, name, utilization.gpu [%], memory.used [MiB], power.draw [W], power.limit [W]',
    ...Array.from({ length: 3600 }, (_, s) => {
      const time = new Date(Date.UTC(2026, 10, 20, 10) + s * 1000).toISOString().slice(0, 19);
      const busy = s % 4 < 3;
      return `${time.replace('T', ' ').replaceAll('-', '/')}.000, 0, GPU-0, NVIDIA L4, ${busy ? 95 : 0} %, 9000 MiB, ${busy ? 68 : 30} W, 72 W`;
    }),
    '',
  ].join('\n'),
);

describe('--fail-on-regression', () => {
  it.each([
    { what: 'a regression beyond doubt', files: [before, after], limit: '5%', code: 1 },
    { what: 'a limit within the noise', files: [before, after], limit: '12%', code: 0 },
    { what: 'an improvement', files: [after, before], limit: '5%', code: 0 },
    { what: 'reports that know no noise', files: [older, older], limit: '5%', code: 0 },
  ])('$what, limit $limit: exit code $code', async ({ files, limit, code }) => {
    expect((await runCli(['diff', ...files, '--fail-on-regression', limit])).code).toBe(code);
  });

  it('says why it is not judged, and with --strict fails', async () => {
    const args = ['diff', before, after, '--fail-on-regression', '12%'];
    expect((await runCli(args)).stderr).toContain('not judged');
    expect((await runCli([...args, '--strict'])).code).toBe(1);
  });
});

it('a log is audited first, also from stdin, and beside itself it is silent', async () => {
  const result = await runCli(['diff', log, '-', '--json', '--machine', 'gcp/g2-standard-4'], {
    input: readFileSync(log),
  });
  expect(result.stderr).toBe('');
  const diff = diffSchema.parse(JSON.parse(result.stdout));
  expect(diff).toMatchObject({ verdict: 'same', after: { name: 'stdin', currency: 'USD' } });
});

it('a report from stdin, to files by their extensions', async () => {
  const md = join(folder, 'diff.md');
  const json = join(folder, 'diff.json');
  const result = await runCli(['diff', before, '-', '-o', md, '-o', json], {
    input: JSON.stringify(aSlowerReport()),
  });
  expect(result).toMatchObject({ code: 0, stdout: '', stderr: '' });
  expect(readFileSync(md, 'utf8')).toContain('step cost 12 % more');
  const comment = await runCli(['comment', 'github', json, '--dry-run']);
  expect(comment.stdout).toBe(readFileSync(md, 'utf8'));
});

describe('refuses with exit code 2', () => {
  const foreign = write('foreign.json', { schema: 'other.report/3' });
  const torn = write('torn.json', '{"schema": "gpucost.report/1"');
  it.each([
    {
      args: [before, foreign],
      says: 'expected the schema "gpucost.report/1", found "other.report/3"',
    },
    { args: [before, torn], says: "torn.json can't be read as a report" },
    { args: [before, join(folder, 'none.json')], says: 'there is no such file' },
    { args: ['-', '-'], says: 'stdin (-) can be read once' },
    { args: [before, after, '--format', 'focus'], says: 'a comparison has none' },
    { args: [before, after, '-o', 'x.focus.csv'], says: 'a comparison has none' },
    { args: [before, after, '--fail-on-regression', '10'], says: 'such as 10%' },
    { args: [before], says: "missing required argument 'after'" },
  ])('$says', async ({ args, says }) => {
    const result = await runCli(['diff', ...args]);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toContain(says);
  });
});

it('gpucost schema diff prints the schema', async () => {
  const { stdout } = await runCli(['schema', 'diff']);
  expect(JSON.parse(stdout)).toMatchObject({ $id: 'gpucost.diff/1' });
});
