import { type SegmentKind, segmentLabels } from '../segments.ts';
import type { View } from './columns.ts';

/** The parts of a GPU's timeline that are of one kind. */
export interface PartBand {
  readonly kind: SegmentKind;
  readonly intervals: readonly View[];
}

/** A name written on the band of parts; places are shares of the view. */
export interface PartName {
  readonly label: string;
  readonly from: number;
  readonly width: number;
}

// At the lane labels' 11 px, on the wide side of what sans-serif fonts take.
const pixelsPerLetter = 6.5;
const padding = 8;

/** The names of those parts that are wide enough for them. */
export function partNames(parts: readonly PartBand[], view: View, widthPx: number): PartName[] {
  const length = Math.max(1, view.to - view.from);
  return parts.flatMap(({ kind, intervals }) => {
    const label = segmentLabels[kind];
    const least = (label.length * pixelsPerLetter + padding) / Math.max(1, widthPx);
    return intervals.flatMap(({ from, to }) => {
      const left = Math.max(from, view.from);
      const width = (Math.min(to, view.to) - left) / length;
      return width < least ? [] : [{ label, from: (left - view.from) / length, width }];
    });
  });
}
