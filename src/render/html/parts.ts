import type { Report, ReportGpu } from '../../report/report.ts';
import { type SegmentKind, segmentLabels, segmentTexts, timelineOf } from '../segments.ts';
import type { View } from './columns.ts';
import { type Html, html } from './markup.ts';
import { type PartBand, partNames } from './part-names.ts';
import { intervalPath } from './paths.ts';
import { placeOf } from './ticks.ts';

export const partsHeight = 16;

/** Without a script nobody knows how wide the picture is: as on a small laptop. */
const staticWidthPx = 800;

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

/** The parts' names, each in a box of its own that cuts it off; the page's script writes the same. */
export function partNamesSvg(parts: readonly PartBand[], view: View, y: number): Html {
  const names = partNames(parts, view, staticWidthPx);
  return html`<g data-part-names="${y}">${names.map(
    ({ label, from, width }) =>
      html`<svg x="${placeOf(from)}" y="${y}" width="${placeOf(width)}" height="${partsHeight}"><text class="part-name" x="4" y="12">${label}</text></svg>`,
  )}</g>`;
}

/** How long each part was, one after the other; null where the band has said it all. */
export function partsText(report: Report, gpu: ReportGpu): Html | null {
  const timeline = timelineOf(report, gpu);
  if (timeline === undefined || timeline.segments.length < 2) return null;
  const texts = segmentTexts(timeline);
  return html`<details class="parts"><summary>${texts.length} parts, one by one</summary><p class="note">${texts.join(' → ')}</p></details>`;
}
