import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reportSchema } from '../../src/report/schema.ts';
import { freshHome, runCli } from '../kit/run-cli.ts';
import { syntheticHeader, syntheticRows } from '../kit/synthetic-log.ts';

const rows = syntheticRows({ gpus: 2, seconds: 900, startMs: 1_767_225_600_000, seed: 7 });
const log = [syntheticHeader, ...rows].join('');

describe('report as HTML', () => {
  it('has a timeline without being asked for series, which JSON beside it does not get', async () => {
    const folder = freshHome();
    const files = ['report.html', 'report.json'].map((name) => join(folder, name));
    const [page = '', json = ''] = files;
    const run = await runCli(['report', '-', '-o', page, '-o', json], { input: log });
    expect(run).toMatchObject({ code: 0, stdout: '' });
    expect(readFileSync(page, 'utf8').match(/data-band="utilizationPct" d="M/g)).toHaveLength(2);
    const report = reportSchema.parse(JSON.parse(readFileSync(json, 'utf8')));
    expect(report.series).toBeUndefined();
  });

  it('goes to stdout with --format html, the same bytes each time', async () => {
    const run = () => runCli(['report', '-', '--format', 'html'], { input: log });
    const [first, second] = [await run(), await run()];
    expect(first.stdout.startsWith('<!doctype html>\n')).toBe(true);
    expect(first.stdout.endsWith('</html>\n')).toBe(true);
    expect(second.stdout).toBe(first.stdout);
  });

  it('leaves the series in JSON where they were asked for', async () => {
    const run = await runCli(['report', '-', '--json', '--series'], { input: log });
    const report = reportSchema.parse(JSON.parse(run.stdout));
    expect(report.series?.map(({ gpu, start }) => [gpu, start.length])).toEqual([
      ['g1', 181],
      ['g2', 181],
    ]);
  });
});
