import type { Report, ReportGpu } from '../../report/report.ts';
import { accounts, judgedHours, ratio } from '../accounts.ts';
import { duration, gpuTime, percent } from '../format.ts';
import { gpuLabel } from '../labels.ts';
import { plain } from '../text.ts';
import { chart, legend } from './chart.ts';
import { coarser } from './columns.ts';
import { findingsInOrder, marksOf } from './findings.ts';
import { intervalsOn, type Mark } from './mark.ts';
import { type Html, html, jsonBlock } from './markup.ts';
import type { PartBand } from './part-names.ts';
import { partsOf, partsText } from './parts.ts';
import { type Track, trackOf } from './track.ts';

/** What the page's script knows beside what it finds in the page. */
export interface TimelineData {
  /** Epoch milliseconds of the window's start, which is the zero of all times. */
  readonly startMs: number;
  readonly lengthMs: number;
  /** By the number of the GPU on the page; null where it has no timeline. */
  readonly tracks: readonly (Track | null)[];
  readonly marks: readonly Mark[];
  /** By the number of the GPU on the page. */
  readonly parts: readonly (readonly PartBand[])[];
}

// Pictures of many GPUs share what a page can weigh.
const mostColumns = 480;
const leastColumns = 120;
const columnsOfAll = 8 * mostColumns;
const pointsOfAll = 8 * 4000;
const leastPoints = 500;

/** A picture of each GPU's timeline, with controls that the page's script brings to life. */
export function timelineSection(report: Report): Html {
  if (report.gpus.length === 0) return html``;
  const points = Math.max(leastPoints, Math.floor(pointsOfAll / report.gpus.length));
  const tracks = report.gpus.map((gpu) => {
    const track = trackOf(report, gpu);
    return track === null ? null : coarser(track, points);
  });
  const marks = marksOf(report);
  const parts = report.gpus.map((gpu) => partsOf(report, gpu));
  const columns = Math.max(
    leastColumns,
    Math.min(mostColumns, Math.floor(columnsOfAll / report.gpus.length)),
  );
  const known = tracks.filter((track) => track !== null);
  const startMs = Date.parse(report.window.start);
  const data: TimelineData = {
    startMs,
    lengthMs: Math.max(1, Date.parse(report.window.end) - startMs),
    tracks,
    marks,
    parts,
  };
  return html`<section aria-labelledby="timeline" id="timeline-section">
<h2 id="timeline">Timeline</h2>
<p class="note">${resolution(report)} The bands below show how each moment divides into states, and its parts: start-up, active phases, pauses, idle time. Times are UTC.</p>
${legend(known)}
${toolbar(report)}
<div id="charts">
${report.gpus.map((gpu, i) => figure(report, gpu, i, tracks[i] ?? null, marks, parts[i] ?? [], columns))}
</div>
${jsonBlock('timeline-data', data)}
</section>`;
}

function resolution({ series }: Report): string {
  const [first] = series ?? [];
  return first === undefined
    ? 'By clock hour: this report holds no time series.'
    : `A point covers ${duration(first.windowMs)} and keeps the lowest and the highest value in it.`;
}

/** Hidden until there is a script for it. */
function toolbar(report: Report): Html {
  const options = findingsInOrder(report).flatMap(({ rule, intervals }, i) =>
    intervals.length === 0 ? [] : [html`<option value="${i}">${i + 1}. ${rule}</option>`],
  );
  const choice =
    options.length === 0
      ? null
      : html`<label>Finding <select id="show-finding"><option value="">none</option>${options}</select></label>`;
  return html`<div class="toolbar" id="toolbar" role="toolbar" aria-label="Timeline" hidden>
<button type="button" data-do="in" title="Zoom in (+)">Zoom in</button>
<button type="button" data-do="out" title="Zoom out (−)">Zoom out</button>
<button type="button" data-do="earlier" title="Earlier (←)" aria-label="Earlier">←</button>
<button type="button" data-do="later" title="Later (→)" aria-label="Later">→</button>
<button type="button" data-do="all" title="Whole window (0 or Esc)">All</button>
${choice}
<output id="range" aria-live="polite"></output>
<p class="note">Drag over a chart to zoom, double-click for all. Keys: + − ← → 0.</p>
</div>`;
}

function figure(
  report: Report,
  gpu: ReportGpu,
  position: number,
  track: Track | null,
  marks: readonly Mark[],
  parts: readonly PartBand[],
  columns: number,
): Html {
  const own = marks.filter((mark) => intervalsOn(mark, gpu.id).length > 0);
  const picture =
    track === null
      ? html`<p class="note">Nothing was observed.</p>`
      : chart(report, gpu, track, own, parts, columns);
  return html`<figure id="gpu-${position}" data-gpu="${position}">
<figcaption><h3>GPU ${gpuLabel(report, gpu)}</h3> <span class="model">${gpu.name === null ? 'unknown model' : plain(gpu.name)}</span> <span class="facts">${facts(report, gpu)}</span><span class="readout" hidden></span></figcaption>
${picture}${partsText(report, gpu)}
</figure>
`;
}

function facts(report: Report, gpu: ReportGpu): string {
  const { unit, money } = accounts(report);
  const { effective, wasted } = gpu.gpuHours;
  const worked = percent(ratio(effective.estimate, judgedHours(gpu.gpuHours)));
  const amount =
    gpu.cost === null || money === null
      ? `${gpuTime(wasted.estimate, unit)} ${unit.name}`
      : money.text(gpu.cost.wasted.estimate);
  const atMost = effective.basis === 'utilization' && effective.high > 0 ? 'at most ' : '';
  return `${atMost}${worked} effective, ${amount} wasted`;
}
