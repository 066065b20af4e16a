import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { z } from 'zod';
import { reportOnPath } from '../product.ts';
import { each, type Labels, type TruthCase, type TruthSet, wasteRules } from '../truth-case.ts';

/** What test/gpu/run.py writes beside each session. */
const truthSchema = z.object({
  workload: z.string(),
  knob: z.string(),
  group: z.string(),
  expected: z.array(z.string()),
  outcome: z.string(),
  device: z.string().optional(),
  toy: z.boolean().optional(),
});

type RunTruth = z.infer<typeof truthSchema>;

const folder = process.env['GPUCOST_PROVING_GROUND'];

/** Runs of known workloads on a card, as test/gpu/run.sh leaves them; skipped where nobody had a card. */
export const provingGround: TruthSet = {
  id: 'proving-ground',
  title: 'known workloads on a GPU, recorded by test/gpu/run.sh',
  reality:
    'The GPU, the host and the workloads are real; each workload was built to have its bottleneck.',
  chosenFor: 'none',
  isSlow: false,
  carriesNoCause: false,
  missing: missing(),
  cases: () =>
    folder === undefined ? [] : readdirSync(folder).flatMap((name) => caseOf(join(folder, name))),
};

function missing(): string | null {
  if (folder === undefined || folder === '') {
    return 'no recordings of a card of our own: GPUCOST_PROVING_GROUND names the results of test/gpu/run.sh';
  }
  return existsSync(folder) ? null : `GPUCOST_PROVING_GROUND: ${folder} doesn't exist`;
}

function caseOf(run: string): readonly TruthCase[] {
  const path = join(run, 'truth.json');
  if (!existsSync(path)) return [];
  const truth = truthSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  return [
    {
      name: `${truth.workload} ${truth.knob}`,
      group: truth.workload,
      async observe() {
        if (truth.outcome !== 'done') return { skipped: truth.outcome };
        if (truth.toy === true || truth.device !== 'cuda')
          return { skipped: 'a dry run, not on a GPU' };
        return {
          report: await reportOnPath(join(run, 'home', 'sessions')),
          labels: labelsOf(truth),
        };
      },
    },
  ];
}

/** One expected rule is present; of several any may name it, so none is known; of a healthy run all are absent. */
function labelsOf({ expected }: RunTruth): Labels {
  if (expected.length === 0) return { present: {}, absent: each(wasteRules, 'all') };
  return { present: expected.length === 1 ? each(expected, 'all') : {}, absent: {} };
}
