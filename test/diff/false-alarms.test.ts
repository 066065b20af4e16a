import { expect, it } from 'vitest';
import { audit } from '../../src/audit/audit.ts';
import { compareReports, isSilent, type NamedReport } from '../../src/diff/compare.ts';
import { loadRateCards } from '../../src/rates/load.ts';
import { auditOptions } from '../kit/audit-options.ts';
import { aJobRun, type JobRun } from '../kit/diff-run.ts';

const cards = await loadRateCards();

async function runOf(run: JobRun): Promise<NamedReport> {
  const { report } = await audit(
    [aJobRun(run)],
    await auditOptions({ cards, machine: 'gcp/a3-highgpu-1g' }),
  );
  return { name: `seed ${run.seed}`, report };
}

function withoutWork({ name, report }: NamedReport): NamedReport {
  return { name, report: { ...report, work: null } };
}

const options = { limit: 0.1, version: '0.0.0', nowMs: Date.UTC(2026, 7, 1) };

const pairs = 120;

/**
 * Measured with this very data: 3 of 120 for a job whose reading is slow in spells of minutes (few of which fit into half
 * an hour), none or one for a steady one; a change of the bands that lets more through fails here.
 */
it.each([
  { job: 'with spells of slow reading', bursts: 0.04, most: 3 },
  { job: 'that is steady', bursts: 0, most: 1 },
])(
  'of 120 pairs of seeds of a job $job at most $most are called changed, and no gate fails',
  async ({ bursts, most }) => {
    const seen = { changed: 0, changedWithoutWork: 0, failed: 0, unknown: 0 };
    for (let i = 0; i < pairs; i++) {
      const before = await runOf({ seed: 1000 + 2 * i, bursts });
      const after = await runOf({ seed: 1001 + 2 * i, bursts });
      const diff = compareReports(before, after, options);
      const bare = compareReports(withoutWork(before), withoutWork(after), options);
      if (!isSilent(diff)) seen.changed += 1;
      if (!isSilent(bare)) seen.changedWithoutWork += 1;
      if (diff.gate?.result === 'fail' || bare.gate?.result === 'fail') seen.failed += 1;
      if (diff.verdict === 'unknown' || bare.verdict === 'unknown') seen.unknown += 1;
    }
    expect(seen, JSON.stringify(seen)).toMatchObject({ failed: 0, unknown: 0 });
    expect(seen.changed).toBeLessThanOrEqual(most);
    expect(seen.changedWithoutWork).toBeLessThanOrEqual(most);
  },
  120_000,
);

it.each([
  { what: 'steps that take 12 % longer', work: 1.15, waits: 1 },
  { what: 'waits that take 30 % longer', work: 1, waits: 1.3 },
])(
  '$what are told for every one of 20 seeds of a steady job',
  async ({ work, waits }) => {
    for (let seed = 1; seed <= 20; seed++) {
      const before = await runOf({ seed, bursts: 0 });
      const after = await runOf({ seed: 500 + seed, bursts: 0, work, waits });
      const diff = compareReports(before, after, options);
      expect(diff.verdict, `seed ${seed}`).toBe('worse');
      expect(compareReports(after, before, options).verdict).toBe('better');
    }
  },
  60_000,
);

it('without steps, waits that take 30 % longer show in the share of time', async () => {
  const before = await runOf({ seed: 1, bursts: 0, withSteps: false });
  const after = await runOf({ seed: 2, bursts: 0, withSteps: false, waits: 1.3 });
  const diff = compareReports(before, after, options);
  expect(diff.work).toEqual([]);
  expect(diff.states.find(({ state }) => state === 'waiting')).toMatchObject({ verdict: 'worse' });
  expect(diff.effectiveHour).toMatchObject({ verdict: 'worse' });
});
