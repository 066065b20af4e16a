import type { Report } from '../report/report.ts';
import type { Canvas } from './canvas.ts';
import { instant } from './format.ts';
import { gpuList } from './labels.ts';
import { kindsSentence, segmentTexts, timelineOf } from './segments.ts';
import { wrap } from './text.ts';

/** What each GPU did, equal ones on one line; with --verbose one part after the other. */
export function timelineLines(report: Report, canvas: Canvas): string[] {
  const gpusByText = new Map<string, string[]>();
  for (const gpu of report.gpus) {
    const timeline = timelineOf(report, gpu);
    const first = timeline?.segments[0];
    if (timeline === undefined || first === undefined) continue;
    const text = canvas.verbose
      ? `from ${instant(first.start)}: ${segmentTexts(timeline).join(` ${canvas.arrow} `)}`
      : kindsSentence(timeline);
    const gpus = gpusByText.get(text) ?? [];
    gpus.push(gpu.id);
    gpusByText.set(text, gpus);
  }
  if (gpusByText.size === 0) return [];
  return [
    canvas.paint.bold('Timeline'),
    ...[...gpusByText].flatMap(([text, gpus]) =>
      wrap(`${gpuList(report, gpus, canvas.dash)}: ${text}`, canvas.width - 4).map(
        (line, i) => `${i === 0 ? '  ' : '    '}${line}`,
      ),
    ),
  ];
}
