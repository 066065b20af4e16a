import type { Report } from '../report/report.ts';
import type { FocusOptions } from './focus/render.ts';

/** What a renderer may know beside the report. */
export interface RenderOptions {
  /** Colour depth as chalk counts it: 0 none, 1 sixteen colours, 2 256, 3 true colour. */
  readonly colorLevel: 0 | 1 | 2 | 3;
  /** Columns of the terminal, or the width to assume where there is none. */
  readonly width: number;
  /** False where only ASCII can be shown. */
  readonly unicode: boolean;
  /** Also what most readers don't need: everything that was not judged, and each source. */
  readonly verbose: boolean;
  /** Only for the format focus. */
  readonly focus?: FocusOptions;
}

/** Turns a report into the text of one format; pure. */
export type Renderer = (report: Report, options: RenderOptions) => string;
