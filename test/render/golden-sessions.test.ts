import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { width } from '../../src/render/text.ts';
import { reportSchema } from '../../src/report/schema.ts';
import { recordedSession } from '../kit/recorded-session.ts';
import { freshHome, runCli } from '../kit/run-cli.ts';

/** Made up: a price list that stays as it is, whatever the built-in ones become. */
const card = `schema: gpucost.rates/1
provider: acme
currency: EUR
billing: { increment: 1s, minimum: 60s }
ending:
  - { action: stop, compute: ends, keeps: [disks] }
sources:
  offer: { note: offer 4711, read: 2026-11-01 }
defaults: { region: any, purchase: on-demand, as_of: 2026-11-01, source: offer, confidence: high }
machines:
  one-t4: { gpu: T4, gpus: 1, vcpus: 4, memory_gib: 16, prices: [{ per_hour: 0.42 }] }
  eight-h100: { gpu: H100-SXM5-80GB, gpus: 8, vcpus: 192, memory_gib: 2048, prices: [{ per_hour: 24.5 }] }
  one-h100: { gpu: H100-SXM5-80GB, gpus: 1, vcpus: 24, memory_gib: 256, prices: [{ per_hour: 3.1 }] }
`;

const project = `rates: [card.yaml]
focus: { billing_account_id: acme-research, billing_account_name: Research }
budgets: { max_waste: 40%, max_cost: { limit: 2, level: warn }, fail_on: [critical] }
suppressions:
  - { rule: coarse-sampling, reason: ten seconds are what we store, until: 2027-03-31 }
`;

const files = ['json', 'md', 'html', 'csv', 'xml', 'focus.csv'] as const;

describe.each([
  ['t4', 'one-t4'],
  ['h100x8', 'eight-h100'],
  ['mig', 'one-h100'],
] as const)('the recorded session %s', (name, type) => {
  const folder = freshHome();
  const env = { SOURCE_DATE_EPOCH: '1795392000' };
  let session: string;
  const report = (args: readonly string[], more: NodeJS.ProcessEnv = {}) =>
    runCli(['report', session, '--by', 'process', ...args], {
      cwd: folder,
      env: { ...env, ...more },
    });
  const golden = (extension: string): string => `../golden/session-${name}${extension}`;

  beforeAll(async () => {
    writeFileSync(join(folder, 'card.yaml'), card);
    writeFileSync(join(folder, '.gpucost.yaml'), project);
    session = await recordedSession(name, 10, { provider: 'acme', type });
  });

  it.each([80, 100, 160])('as a table at %i columns', async (columns) => {
    const { stdout } = await report([], { COLUMNS: `${columns}` });
    await expect(stdout).toMatchFileSnapshot(golden(`-${columns}.txt`));
    const widest = Math.max(...stdout.split('\n').map((line) => width(line)));
    expect(widest).toBeLessThanOrEqual(columns);
  });

  it('as annotations', async () => {
    const { stdout } = await report(['--format', 'github']);
    await expect(stdout).toMatchFileSnapshot(golden('.github'));
  });

  it('in every format that is a file, all at once', async () => {
    const outputs = files.flatMap((extension) => ['-o', `r.${extension}`]);
    const result = await report([...outputs, '--focus-version', '1.2']);
    expect(result.stdout).toBe('');
    const text = (extension: string): string =>
      readFileSync(join(folder, `r.${extension}`), 'utf8');
    expect(() => reportSchema.parse(JSON.parse(text('json')))).not.toThrow();
    for (const extension of files) {
      // The page's own script and style change for reasons of their own; its data are those of the pictures.
      const written = text(extension)
        .replace(/(id="timeline-data">)[^<]*/, '$1')
        .replace(/<(style|script)>[^]*?<\/\1>/g, '<$1></$1>')
        .replace(/sha256-[\w+/=]+/g, 'sha256-…');
      await expect(written).toMatchFileSnapshot(golden(`.${extension}`));
    }
  });
});
