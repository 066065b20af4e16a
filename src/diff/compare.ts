import { observedStates } from '../usage/states.ts';
import { compareFindings } from './findings.ts';
import { judgeRegression, riseOf } from './gate.ts';
import { notCompared } from './not-compared.ts';
import type { ReadReport } from './read-report.ts';
import { type Diff, isChange, leastShare, noiseOf, ratioOf, verdictOf } from './verdict.ts';
import { compareWork } from './work.ts';

type Side = Diff['before'];
type Amount = Diff['states'][number]['before'];
type State = Diff['states'][number]['state'];

/** A report with the name that it goes by. */
export interface NamedReport {
  readonly name: string;
  readonly report: ReadReport;
}

/**
 * Compares two reports by shares of the observed time and by unit of work, each against the noise that the runs' own
 * course tells; `limit` is the regression that fails, as a share. Measured on synthetic runs of half an
 * hour that differ by seed alone: 3 of 120 pairs are called changed where waits come in spells of minutes, at most 1 of 120
 * of a steady job; no gate of 10 % failed (test/diff/false-alarms.test.ts).
 */
export function compareReports(
  before: NamedReport,
  after: NamedReport,
  options: { readonly limit: number | null; readonly version: string; readonly nowMs: number },
): Diff {
  const [was, is] = [before.report, after.report];
  const sides = { before: sideOf(before), after: sideOf(after) };
  const isPriced = sides.before.currency !== null && sides.before.currency === sides.after.currency;
  const work = compareWork(was, is, isPriced);
  const isOneEstimate =
    was.gpuHours.effective.basis === is.gpuHours.effective.basis &&
    sides.before.gpus === sides.after.gpus;
  const effectiveHour = isOneEstimate ? compareEffectiveHour(was, is, sides, isPriced) : null;
  const compared = observedStates.map((state) => compareState(state, was, is, isOneEstimate));
  return {
    schema: 'gpucost.diff/1',
    tool: { name: 'gpucost', version: options.version },
    generatedAt: new Date(options.nowMs).toISOString(),
    ...sides,
    verdict: work[0]?.verdict ?? effectiveHour?.verdict ?? 'unknown',
    work,
    effectiveHour,
    states: compared,
    findings: compareFindings(was, is, compared),
    notCompared: notCompared(was, is, sides, work),
    gate:
      options.limit === null ? null : judgeRegression(was, is, work, effectiveHour, options.limit),
  };
}

/** True where nothing speaks: no unit of work, no effective hour, no share and no finding beyond the noise. */
export function isSilent(diff: Diff): boolean {
  return (
    !diff.work.some(({ verdict }) => isChange(verdict)) &&
    !(diff.effectiveHour && isChange(diff.effectiveHour.verdict)) &&
    !diff.states.some(({ verdict }) => isChange(verdict)) &&
    diff.findings.every(({ status }) => status === 'same' || status === 'unclear')
  );
}

function sideOf({ name, report }: NamedReport): Side {
  const types = report.machines.map(({ provider, type, gpuCount }) =>
    type === null
      ? `machine with ${gpuCount} GPU${gpuCount === 1 ? '' : 's'}`
      : [provider, type].filter((part) => part !== null).join('/'),
  );
  const { billed } = report.gpuHours;
  return {
    name,
    start: report.window.start,
    end: report.window.end,
    machines: counted(types),
    gpus: counted(report.gpus.map((gpu) => gpu.name ?? 'GPU of unknown model')),
    observedShare: report.window.observedShare,
    billedGpuHours: billed,
    billedCost: report.cost?.billed ?? null,
    currency: report.cost?.currency ?? null,
    perGpuHour: report.cost && billed > 0 ? report.cost.billed / billed : null,
  };
}

/** `8 × NVIDIA H100, 1 × NVIDIA L4`; alone it needs no number. */
function counted(names: readonly string[]): string {
  return [...new Set(names)]
    .sort()
    .map((name) => {
      const count = names.filter((one) => one === name).length;
      return count === 1 ? name : `${count} × ${name}`;
    })
    .join(', ');
}

function compareState(
  state: State,
  before: ReadReport,
  after: ReadReport,
  isOneEstimate: boolean,
): Diff['states'][number] {
  const [a, b] = [amountOf(before, state), amountOf(after, state)];
  // Busy time is divided into these by the estimate; by another one, or on another GPU, it falls elsewhere.
  const isEstimated = state === 'effective' || state === 'underfilled';
  const noise =
    isEstimated && !isOneEstimate
      ? null
      : noiseOf(
          before.noise?.byState[state] ?? null,
          after.noise?.byState[state] ?? null,
          leastShare,
        );
  const change = b.share - a.share;
  const verdict = verdictOf(change, noise, state === 'effective' ? 'better' : 'worse');
  return { state, before: a, after: b, change, noise, verdict };
}

function amountOf(report: ReadReport, state: State): Amount {
  const { observed, byState } = report.gpuHours;
  return {
    share: observed > 0 ? byState[state] / observed : 0,
    gpuHours: byState[state],
    cost: report.cost?.byState[state] ?? null,
  };
}

function compareEffectiveHour(
  before: ReadReport,
  after: ReadReport,
  sides: { readonly before: Side; readonly after: Side },
  isPriced: boolean,
): Diff['effectiveHour'] {
  const [a, b] = [before.gpuHours, after.gpuHours];
  if (!Number.isFinite(riseOf(before, after, 'estimate'))) return null;
  if (!Number.isFinite(riseOf(before, after, 'high'))) return null;
  const errors = [errorOf(before), errorOf(after)] as const;
  const hoursFor = ({ observed, effective }: ReadReport['gpuHours']): number =>
    observed / effective.estimate;
  const gpuHours = ratioOf(hoursFor(a), hoursFor(b), errors);
  const [was, is] = [sides.before.perGpuHour, sides.after.perGpuHour];
  const cost =
    isPriced && was !== null && is !== null && was > 0
      ? ratioOf(hoursFor(a) * was, hoursFor(b) * is, errors)
      : null;
  const told = cost ?? gpuHours;
  return { gpuHours, cost, verdict: verdictOf(told.change, told.noise, 'worse') };
}

/** Standard error of the effective share, as a share of it. */
function errorOf({ noise, gpuHours }: ReadReport): number | null {
  const { observed, effective } = gpuHours;
  return noise == null ? null : (noise.byState.effective * observed) / effective.estimate;
}
