import { renderCsv } from './csv.ts';
import { renderFocus } from './focus/render.ts';
import type { Format } from './formats.ts';
import { renderGithub } from './github.ts';
import { renderHtml } from './html/render.ts';
import { renderJson } from './json.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import type { Renderer } from './renderer.ts';
import { renderTable } from './table.ts';

/** The renderer of each format that `--format` offers. */
export const renderers: Readonly<Record<Format, Renderer>> = {
  table: renderTable,
  json: renderJson,
  markdown: renderMarkdown,
  html: renderHtml,
  csv: renderCsv,
  focus: renderFocus,
  junit: renderJunit,
  github: renderGithub,
};

export type { Format } from './formats.ts';
