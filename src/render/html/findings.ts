import type { Report, ReportFinding } from '../../report/report.ts';
import { duration, percent, timeSpan } from '../format.ts';
import { gpuList } from '../labels.ts';
import { evidenceText, togetherSentence, worth, worthPerDay } from '../sentences.ts';
import type { View } from './columns.ts';
import { intervalsOn, type Mark } from './mark.ts';
import { type Html, html } from './markup.ts';
import { prose } from './prose.ts';

const dash = '–';
const shownIntervals = 5;

/** The findings in the order of the page, which is also their number. */
export function findingsInOrder(report: Report): readonly ReportFinding[] {
  return report.findings;
}

/** Where the findings lie on the timeline. */
export function marksOf(report: Report): readonly Mark[] {
  return findingsInOrder(report).map((finding, position) => markOf(finding, position, report));
}

function markOf(
  { severity, gpus, intervals, gpuIntervals = [] }: ReportFinding,
  position: number,
  { window }: Report,
): Mark {
  const zero = Date.parse(window.start);
  const views = (some: ReportFinding['intervals']): readonly View[] =>
    some.map(({ start, end }) => ({ from: Date.parse(start) - zero, to: Date.parse(end) - zero }));
  return {
    finding: position,
    severity,
    gpus,
    intervals: views(intervals),
    own: Object.fromEntries(gpuIntervals.map((one) => [one.gpu, views(one.intervals)])),
  };
}

/** What to change, the most expensive first; each interval is a link to its place on the timeline. */
export function findingsSection(report: Report): Html {
  const findings = findingsInOrder(report);
  const judged =
    report.notJudged.length === 0
      ? null
      : html` Not everything could be judged: <a href="#not-judged">what and why</a>.`;
  const together = togetherSentence(report);
  const body =
    findings.length === 0
      ? html`<p>No findings.${judged}</p>`
      : html`<ol class="findings">${findings.map((finding, i) => card(finding, i, report))}</ol>
${together === null ? null : html`<p><strong>${together}.</strong></p>`}<p class="note">Findings may overlap: never add them up.${judged}</p>`;
  return html`<section aria-labelledby="findings">
<h2 id="findings">${findings.length === 0 ? 'Findings' : 'Findings, the most expensive first'}</h2>
${body}
</section>`;
}

function card(finding: ReportFinding, position: number, report: Report): Html {
  const { severity, rule, gpus, confidence, evidence, remediation } = finding;
  return html`<li class="finding ${severity}" id="finding-${position}">
<h3>${finding.title}</h3>
<p class="tags"><span class="severity">${severity}</span> <code>${rule}</code> <span>${gpuList(report, gpus, dash)}</span> <strong>${worth(finding, report)}</strong> <span>confidence ${percent(confidence)}</span></p>
${intervalLinks(finding, position, report)}<p>${prose(finding.summary)}</p>
<ul class="evidence" aria-label="Evidence">${evidence.map((item) => html`<li>${evidenceText(item, true)}</li>`)}</ul>
${remedies(remediation, worthPerDay(finding, report))}${deciding(finding)}
</li>
`;
}

function deciding({ alternatives = [], decidingTest = null }: ReportFinding): Html | null {
  if (decidingTest === null) return null;
  const others = alternatives.map(
    ({ rule, confidence }) => html`<code>${rule}</code> (${percent(confidence)})`,
  );
  const also =
    others.length === 0
      ? null
      : html`<p>It may also be ${others.map((other, i) => html`${i === 0 ? '' : ', '}${other}`)}.</p>`;
  const outcomes = decidingTest.outcomes.map(
    ({ seen, causes }) =>
      html`<li>${prose(seen)}: ${causes.map((cause, i) => html`${i === 0 ? '' : ', '}<code>${cause}</code>`)}</li>`,
  );
  return html`${also}<details><summary>Which test decides</summary><p>${prose(decidingTest.action)} <span class="detail">${prose(decidingTest.detail)}</span></p><ul class="outcomes">${outcomes}</ul></details>`;
}

function remedies(remediation: ReportFinding['remediation'], perDay: string | null): Html | null {
  if (remediation.length === 0) return null;
  const items = remediation.map(
    ({ action, detail }, i) =>
      html`<li>${prose(action)}${perDay !== null && i === 0 ? ` ${perDay}` : null}${detail === '' ? null : html` <span class="detail">${prose(detail)}</span>`}</li>`,
  );
  const first = html`<ul class="remedies" aria-label="What to do">${items.slice(0, 1)}</ul>`;
  if (items.length === 1) return first;
  return html`${first}<details><summary>${items.length - 1} more to try</summary><ul class="remedies">${items.slice(1)}</ul></details>`;
}

/** Each leads to the first GPU on which the finding was seen then; without the page's script to its picture. */
function intervalLinks(finding: ReportFinding, position: number, report: Report): Html | null {
  const mark = markOf(finding, position, report);
  const isOnPage = report.gpus.some(({ id }) => finding.gpus.includes(id));
  if (finding.intervals.length === 0 || !isOnPage) return null;
  const links = finding.intervals.map(({ start, end }, i) => {
    const seen = mark.intervals[i];
    const first = report.gpus.findIndex(({ id }) =>
      intervalsOn(mark, id).some(
        ({ from, to }) => seen !== undefined && from < seen.to && to > seen.from,
      ),
    );
    const length = duration(Date.parse(end) - Date.parse(start));
    return html`<li><a href="#gpu-${first}" data-zoom="${position}" data-interval="${i}">${timeSpan(start, end, dash)}</a> (${length})</li>`;
  });
  const shown = html`<ul class="intervals" aria-label="When">${links.slice(0, shownIntervals)}</ul>`;
  if (links.length <= shownIntervals) return shown;
  return html`${shown}<details><summary>${links.length - shownIntervals} more intervals</summary><ul class="intervals">${links.slice(shownIntervals)}</ul></details>`;
}
