import type { Report, ReportGpu } from '../../report/report.ts';
import { type SegmentKind, segmentLabels, segmentTexts, timelineOf } from '../segments.ts';
import type { View } from './columns.ts';
import { type Html, html } from './markup.ts';
import { intervalPath } from './paths.ts';

/** The parts of a GPU's timeline that are of one kind. */
export interface PartBand {
  readonly kind: SegmentKind;
  readonly intervals: readonly View[];
}

/** A GPU's start-up, active phases, pauses, idle time and tear-down; empty where the report has no timeline. */
export function partsOf(report: Report, gpu: ReportGpu): readonly PartBand[] {
  const zero = Date.parse(report.window.start);
  const segments = timelineOf(report, gpu)?.segments ?? [];
  const kinds = Object.keys(segmentLabels) as SegmentKind[]; // the keys of a literal
  return kinds.flatMap((kind) => {
    const intervals = segments
      .filter((segment) => segment.kind === kind)
      .map(({ start, end }) => ({ from: Date.parse(start) - zero, to: Date.parse(end) - zero }));
    return intervals.length === 0 ? [] : [{ kind, intervals }];
  });
}

/** One path a kind; the page's script draws the same for the part that is shown. */
export function partsSvg(parts: readonly PartBand[], view: View): Html {
  return html`${parts.map(
    ({ kind, intervals }) =>
      html`<path class="part ${kind}" data-part="${kind}" d="${intervalPath(intervals, view)}"><title>${segmentLabels[kind]}</title></path>`,
  )}`;
}

/** The names of the bands above it, one part after the other. */
export function partsText(report: Report, gpu: ReportGpu): Html | null {
  const timeline = timelineOf(report, gpu);
  if (timeline === undefined || timeline.segments.length === 0) return null;
  const texts = segmentTexts(timeline);
  return html`<details class="parts"><summary>Parts: ${texts.length}</summary><p class="note">${texts.join(' → ')}</p></details>`;
}
