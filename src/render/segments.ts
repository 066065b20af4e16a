import type { Report, ReportGpu } from '../report/report.ts';
import { duration, percent } from './format.ts';

export type SegmentKind = NonNullable<Report['timeline']>[number]['segments'][number]['kind'];

/** In the order in which a line names them. */
export const segmentLabels: Readonly<Record<SegmentKind, string>> = {
  startUp: 'start-up',
  active: 'active',
  pause: 'paused',
  heldIdle: 'held idle',
  emptyIdle: 'empty idle',
  tearDown: 'tear-down',
  unobserved: 'unobserved',
};

type Timeline = NonNullable<Report['timeline']>[number];

/** The timeline of a GPU as a whole; undefined where the report has none. */
export function timelineOf(report: Report, gpu: ReportGpu): Timeline | undefined {
  return report.timeline?.find((one) => one.gpu === gpu.id && one.job === null);
}

/** `start-up 6 min; active 5 h in 3 parts (92 %); held idle 2 d`: each kind once. */
export function kindsSentence({ segments }: Timeline): string {
  const kinds = Object.keys(segmentLabels) as SegmentKind[]; // the keys of the literal above
  return kinds
    .flatMap((kind) => {
      const parts = segments.filter((segment) => segment.kind === kind);
      const hours = parts.reduce((sum, part) => sum + part.gpuHours, 0);
      if (parts.length === 0 || hours === 0) return [];
      const count = parts.length > 1 ? ` in ${parts.length} parts` : '';
      return [
        `${segmentLabels[kind]} ${duration(hours * 3_600_000)}${count}${worked(kind, parts)}`,
      ];
    })
    .join('; ');
}

/** `active 25 min (92 %)` for each segment in turn. */
export function segmentTexts({ segments }: Timeline): readonly string[] {
  return segments.map(
    (segment) =>
      `${segmentLabels[segment.kind]} ${duration(segment.gpuHours * 3_600_000)}${worked(segment.kind, [segment])}`,
  );
}

function worked(kind: SegmentKind, parts: Timeline['segments']): string {
  if (kind !== 'active') return '';
  let weighted = 0;
  let hours = 0;
  for (const { utilizationPct, gpuHours } of parts) {
    if (utilizationPct === null) continue;
    weighted += utilizationPct * gpuHours;
    hours += gpuHours;
  }
  return hours > 0 ? ` (${percent(weighted / hours / 100)})` : '';
}
