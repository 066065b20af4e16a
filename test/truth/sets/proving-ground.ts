import { reportOnPath } from '../product.ts';
import { isOfAGpu, type ProvingRun, provingGroundFolder, provingRuns } from '../proving-runs.ts';
import { each, type Labels, type TruthCase, type TruthSet, wasteRules } from '../truth-case.ts';

const folder = provingGroundFolder();

/** Runs of known workloads on a card, as test/gpu/run.sh leaves them; skipped where nobody had a card. */
export const provingGround: TruthSet = {
  id: 'proving-ground',
  title: 'known workloads on a GPU, recorded by test/gpu/run.sh',
  reality:
    'The GPU, the host and the workloads are real; each workload was built to have its bottleneck.',
  chosenFor: 'none',
  isSlow: false,
  carriesNoCause: false,
  missing:
    folder === null
      ? 'no recordings of a card of our own: GPUCOST_PROVING_GROUND names the results of test/gpu/run.sh'
      : null,
  cases: () => (folder === null ? [] : provingRuns(folder).map(caseOf)),
};

function caseOf({ truth, session }: ProvingRun): TruthCase {
  return {
    name: `${truth.workload} ${truth.knob}`,
    group: truth.workload,
    async observe() {
      if (truth.outcome !== 'done') return { skipped: truth.outcome };
      if (!isOfAGpu(truth)) return { skipped: 'a dry run, not on a GPU' };
      return { report: await reportOnPath(session), labels: labelsOf(truth) };
    },
  };
}

/** One expected rule is present; of several any may name it, so none is known; of a healthy run all are absent. */
function labelsOf({ expected }: ProvingRun['truth']): Labels {
  if (expected.length === 0) return { present: {}, absent: each(wasteRules, 'all') };
  return { present: expected.length === 1 ? each(expected, 'all') : {}, absent: {} };
}
