import type { Report, ReportFinding, ReportMachine } from '../report/report.ts';
import { accounts, ratio } from './accounts.ts';
import {
  daysBetween,
  gpuTime,
  moneyFormat,
  percent,
  percentAtLeast,
  percentAtMost,
  price,
  reading,
} from './format.ts';
import { machineType } from './labels.ts';
import { plain } from './text.ts';

/** The machine and its price; what is missing where there is none. */
export function rateSentence(machine: ReportMachine): string {
  const type = machineType(machine);
  const { rate } = machine;
  if (rate === null) {
    return type === null ? 'no price: machine type not known' : `no price for ${type}`;
  }
  return `${type ?? 'machine'}, ${price(rate.currency, rate.perHour)}/h`;
}

/** Since when and by whose word the price is so; or what to pass to get one. */
export function priceSentence(machine: ReportMachine, report: Report): string {
  const { rate } = machine;
  if (rate === null) {
    return machineType(machine) === null
      ? 'For money pass --machine provider/type (such as aws/p5.48xlarge) or --rates FILE.'
      : 'For money pass --rates FILE with a price for it, or another --machine.';
  }
  const dates = [...new Set(rate.parts.map((part) => part.asOf))];
  const sources = [...new Set(rate.parts.map((part) => shortSource(part.source)))].join(', ');
  const ages = dates.map((date) =>
    date === null
      ? 'of unknown date'
      : `of ${date} (${ageText(daysBetween(date, report.generatedAt))})`,
  );
  const perGpu =
    rate.perGpuHour === null || machine.gpuCount < 2
      ? ''
      : `; ${price(rate.currency, rate.perGpuHour)} a GPU`;
  return `price ${ages.join(' and ')}, ${sources}${perGpu}`;
}

/** A card's source without what nobody reads aloud: scheme and the day on which it was looked up. */
function shortSource(source: string): string {
  return plain(source)
    .replace(/https?:\/\//g, '')
    .replace(/, read \d{4}-\d{2}-\d{2}$/, '');
}

function ageText(days: number): string {
  if (days <= 0) return 'today';
  return days === 1 ? '1 day old' : `${days} days old`;
}

const basisText = {
  gpm: 'by SM and memory activity',
  power: 'by power',
  mixed: 'by several signals',
} as const;

/** How much of the observed time worked, with its band and what that rests on. */
export function effectiveSentence(report: Report, dash: string): string {
  const { effective } = report.gpuHours;
  const { judgedHours } = accounts(report);
  if (judgedHours <= 0) return 'nothing was observed';
  const share = (hours: number): string => percent(ratio(hours, judgedHours));
  if (effective.basis === 'utilization') {
    return `at most ${percentAtMost(ratio(effective.high, judgedHours))} of observed time, by utilization`;
  }
  const low = percentAtLeast(ratio(effective.low, judgedHours)).replace(' %', '');
  const between = `${low}${dash}${percentAtMost(ratio(effective.high, judgedHours))}`;
  return `${share(effective.estimate)} of observed time (${between}), ${basisText[effective.basis]}`;
}

/** How much of the observed time was wasted, and the part beyond doubt. */
export function wastedSentence(report: Report): string {
  const { wasted } = report.gpuHours;
  const { judgedHours, unit, money } = accounts(report);
  if (judgedHours <= 0) return 'nothing was observed';
  const share = (hours: number): string => percent(ratio(hours, judgedHours));
  const low =
    report.cost === null || money === null
      ? `${gpuTime(wasted.low, unit)} ${unit.name}`
      : money.text(report.cost.wasted.low);
  if (report.gpuHours.effective.basis === 'utilization') {
    return `at least ${percentAtLeast(ratio(wasted.low, judgedHours))} of observed time`;
  }
  return `${share(wasted.estimate)} of observed time, at least ${low} (${percentAtLeast(ratio(wasted.low, judgedHours))})`;
}

/** What fixing it could win back at most. */
export function worth(finding: ReportFinding, report: Report): string {
  const { gpuHours, cost } = finding.recoverable;
  return gpuHours === 0 ? 'nothing known to win back' : amountText(gpuHours, cost, report);
}

/** `Mending this is worth at most $38.00 a day.`, by the observed time; null where that is not known or nothing. */
export function worthPerDay(finding: ReportFinding, report: Report): string | null {
  const perDay = finding.recoverable.perDay ?? null;
  if (perDay === null || perDay.gpuHours === 0) return null;
  const { unit, money } = accounts(report);
  const amount =
    perDay.cost === null || money === null
      ? `${gpuTime(perDay.gpuHours, unit)} ${unit.name}`
      : money.text(perDay.cost);
  return `Mending this is worth at most ${amount} a day.`;
}

/**
 * `It may also be cpu-bound-input (60 %). To decide: run … The GPU fills: io-bound; …`: what else it may be, and the run
 * that tells. Null where the finding names its cause and nothing competes.
 */
export function alternativesSentence({
  rule,
  alternatives = [],
  decidingTest = null,
}: ReportFinding): string | null {
  if (decidingTest === null) return null;
  const isNamed = decidingTest.outcomes.some(({ causes }) => causes.includes(rule));
  if (isNamed && alternatives.length === 0) return null;
  const others = alternatives.map(
    ({ rule, confidence }) => `${plain(rule)} (${percent(confidence)})`,
  );
  const outcomes = decidingTest.outcomes.map(
    ({ seen, causes }) => `${plain(seen)}: ${causes.map(plain).join(' or ')}`,
  );
  const also = others.length === 0 ? '' : `It may also be ${others.join(' or ')}. `;
  return `${also}To decide: ${plain(decidingTest.action)} ${sentence(outcomes.join('; '))}`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

const counts: Readonly<Record<number, string>> = { 2: 'two', 3: 'three' };

/** What fixing the first findings would win back together; null where that says no more than the findings do. */
export function togetherSentence(report: Report): string | null {
  const { recoverable } = report;
  if (recoverable == null || recoverable.findings.length < 2) return null;
  const { findings, gpuHours, cost } = recoverable;
  const first = `the first ${counts[findings.length] ?? findings.length}`;
  return `If ${first} were fixed: ${amountText(gpuHours, cost, report)} together, what overlaps counted once`;
}

function amountText(gpuHours: number, cost: number | null, report: Report): string {
  const { unit, money } = accounts(report);
  const amount = cost === null || money === null ? '' : `, ${money.text(cost)}`;
  return `up to ${gpuTime(gpuHours, unit)} ${unit.name}${amount}`;
}

const symbols: Readonly<Record<string, string>> = { '>=': '≥', '<=': '≤' };

/** `longest idle stretch 4 h (>= 14 min)`: what was seen and what it was compared with. */
export function evidenceText(
  evidence: ReportFinding['evidence'][number],
  unicode: boolean,
): string {
  const seen = `${plain(evidence.signal)} ${reading(evidence.value, evidence.unit)}`;
  if (evidence.threshold === null) return seen;
  const sign = (unicode ? symbols[evidence.comparison ?? ''] : null) ?? evidence.comparison;
  return `${seen} (${sign ?? 'against'} ${reading(evidence.threshold, evidence.unit)})`;
}

/** `gate max-waste: fail (63.2 % against at most 40.0 %)`, `gate fail-on critical: pass (no such finding)`. */
export function gateText(gate: Report['gates'][number], { cost }: Pick<Report, 'cost'>): string {
  const { limit, actual } = gate;
  const result = gate.result === 'not-judged' ? 'not judged' : gate.result;
  const reason = gate.reason ?? null;
  const seen = typeof limit === 'string' ? foundText(actual) : comparedText(gate, cost);
  const detail =
    reason === null ? seen : actual === null ? plain(reason) : `${seen}: ${plain(reason)}`;
  const wanted = typeof limit === 'string' ? ` ${plain(limit)}` : '';
  return `gate ${plain(gate.name)}${wanted}: ${result} (${detail})`;
}

function foundText(actual: number | string | null): string {
  return actual === null ? 'no such finding' : `found ${plain(`${actual}`)}`;
}

function comparedText({ name, limit, actual }: Report['gates'][number], cost: Report['cost']) {
  const side = name.startsWith('max-') ? 'at most ' : name.startsWith('min-') ? 'at least ' : '';
  const rounded = [actual, limit].map((value) => gateAmount(name, value, cost));
  // Where rounding would hide by how little a limit was passed, nothing is rounded.
  const [seen, allowed] =
    rounded[0] === rounded[1] && actual !== limit && cost !== null && name.includes('cost')
      ? [actual, limit].map((value) => price(cost.currency, Number(value)))
      : rounded;
  return `${seen} against ${side}${allowed}`;
}

function gateAmount(name: string, value: number | string | null, cost: Report['cost']): string {
  if (value === null) return 'unknown';
  if (typeof value === 'string') return plain(value);
  if (!name.includes('cost')) return percent(value, 1);
  return cost === null ? `${value}` : moneyFormat(cost.currency, value).text(value);
}

/** `2 suppressed: idle-held (a demo machine, until 2026-12-31), oversized-gpu (…)`; null where none is. */
export function suppressedSentence({ suppressed = [] }: Report): string | null {
  if (suppressed.length === 0) return null;
  const each = suppressed.map(
    ({ rule, suppression: { reason, until } }) =>
      `${plain(rule)} (${plain(reason)}, until ${until})`,
  );
  return `${suppressed.length} suppressed: ${each.join(', ')}`;
}
