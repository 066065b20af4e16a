import type { Diff } from '../../diff/verdict.ts';
import type { RenderOptions } from '../renderer.ts';
import { renderDiffGithub, renderDiffJunit } from './ci.ts';
import { renderDiffCsv } from './csv.ts';
import type { DiffFormat } from './formats.ts';
import { renderDiffHtml } from './html.ts';
import { renderDiffMarkdown } from './markdown.ts';
import { renderDiffTable } from './table.ts';

/** How a comparison looks; pure. */
export const diffRenderers: Readonly<
  Record<DiffFormat, (diff: Diff, options: RenderOptions) => string>
> = {
  table: renderDiffTable,
  json: (diff) => `${JSON.stringify(diff, null, 2)}\n`,
  markdown: renderDiffMarkdown,
  html: renderDiffHtml,
  csv: renderDiffCsv,
  junit: renderDiffJunit,
  github: renderDiffGithub,
};
