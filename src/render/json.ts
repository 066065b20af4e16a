import type { Renderer } from './renderer.ts';

/** The report itself, at full precision. */
export const renderJson: Renderer = (report) => `${JSON.stringify(report, null, 2)}\n`;
