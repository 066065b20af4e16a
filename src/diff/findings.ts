import type { ReadReport } from './read-report.ts';
import { type Diff, isChange, noiseOf } from './verdict.ts';

type ReadFinding = ReadReport['findings'][number];
type DiffFinding = Diff['findings'][number];
type Amount = Diff['states'][number]['before'];

/** What a finding could recover hangs on thresholds as well as on time: a smaller share of the time is no change. */
const leastFindingShare = 0.05;

const order: readonly DiffFinding['status'][] = [
  'new',
  'worse',
  'fixed',
  'better',
  'same',
  'unclear',
];

/**
 * Findings by fingerprint, those left (another host, other GPUs) by rule. A finding at a rule's threshold comes and goes by
 * chance, so that it is called new or fixed only where a share of the time changed beyond the noise.
 */
export function compareFindings(
  before: ReadReport,
  after: ReadReport,
  states: Diff['states'],
): DiffFinding[] {
  const left = [...after.findings];
  const take = (fits: (finding: ReadFinding) => boolean): ReadFinding | null => {
    const at = left.findIndex(fits);
    return at < 0 ? null : (left.splice(at, 1)[0] ?? null);
  };
  const exact = before.findings.map((finding) => ({
    finding,
    match: take(({ fingerprint }) => fingerprint === finding.fingerprint),
  }));
  const pairs = exact.map(({ finding, match }) => ({
    finding,
    match: match ?? take(({ rule }) => rule === finding.rule),
  }));
  const change = changeOf(states);
  return [
    ...pairs.map(({ finding, match }) =>
      match === null
        ? oneSided(finding, 'before', before, after, change)
        : twoSided(finding, match, before, after, change),
    ),
    ...left.map((finding) => oneSided(finding, 'after', after, before, change)),
  ].sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
}

/** Whether any share of the time changed beyond the noise. */
type TimeChange = 'seen' | 'none' | 'unknown';

function changeOf(states: Diff['states']): TimeChange {
  if (states.some(({ verdict }) => isChange(verdict))) return 'seen';
  return states.every(({ verdict }) => verdict === 'unknown') ? 'unknown' : 'none';
}

function oneSided(
  finding: ReadFinding,
  side: 'before' | 'after',
  own: ReadReport,
  other: ReadReport,
  change: TimeChange,
): DiffFinding {
  const amount = recoverableOf(finding, own);
  const reason = doubtOf(finding, amount.share, other, change);
  const { rule, fingerprint, title } = finding;
  const status = side === 'after' ? 'new' : 'fixed';
  return {
    rule,
    fingerprint,
    title,
    status: reason === null ? status : 'unclear',
    reason,
    before: side === 'before' ? amount : null,
    after: side === 'after' ? amount : null,
  };
}

function doubtOf(
  { rule }: ReadFinding,
  share: number,
  other: ReadReport,
  change: TimeChange,
): string | null {
  const skipped = other.notJudged.find((entry) => entry.rule === rule);
  if (skipped !== undefined) return `the other run could not be judged: ${skipped.reason}`;
  // A fact about the machine, such as a slow link, claims no time.
  if (share === 0) return null;
  if (share < leastFindingShare) return 'it is worth less than 5 % of the time';
  if (change === 'seen') return null;
  return change === 'none'
    ? 'no share of the time changed beyond the noise'
    : 'how far shares of the time change by chance is not known';
}

function twoSided(
  before: ReadFinding,
  after: ReadFinding,
  was: ReadReport,
  is: ReadReport,
  change: TimeChange,
): DiffFinding {
  const [a, b] = [recoverableOf(before, was), recoverableOf(after, is)];
  const noise = noiseOf(was.noise?.wasted ?? null, is.noise?.wasted ?? null, leastFindingShare);
  const difference = b.share - a.share;
  const isSame = noise === null || change !== 'seen' || Math.abs(difference) < noise;
  const { rule, fingerprint, title } = after;
  const changed = difference > 0 ? 'worse' : 'better';
  return {
    rule,
    fingerprint,
    title,
    status: isSame ? 'same' : changed,
    reason: null,
    before: a,
    after: b,
  };
}

function recoverableOf(finding: ReadFinding, report: ReadReport): Amount {
  const { observed } = report.gpuHours;
  const { gpuHours, cost } = finding.recoverable;
  return { share: observed > 0 ? gpuHours / observed : 0, gpuHours, cost };
}
