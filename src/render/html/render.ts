import { pageScript, scriptHash } from 'gpucost:page-assets';
import type { Renderer } from '../renderer.ts';
import { findingsSection } from './findings.ts';
import { gpusSection, groupsSection } from './gpus.ts';
import { pageHead } from './head.ts';
import { headline, title } from './headline.ts';
import { idleSection } from './idle.ts';
import { invoiceSection } from './invoice.ts';
import { machinesSection } from './machines.ts';
import { html, ownText } from './markup.ts';
import { notesSection } from './notes.ts';
import { timelineSection } from './timeline.ts';
import { waterfall } from './waterfall.ts';
import { workSection } from './work.ts';

/**
 * The report as one file that needs nothing else: it reads and prints without scripts; with them its timeline
 * zooms. Names in it are text, whatever they say.
 */
export const renderHtml: Renderer = (report) => {
  const page = html`<!doctype html>
<html lang="en">
${pageHead({ title: `${title(report)} – gpucost`, version: report.tool.version, scriptHash })}
<body>
${headline(report)}
<main>
${waterfall(report)}
${workSection(report)}
${findingsSection(report)}
${timelineSection(report)}
${gpusSection(report)}
${groupsSection(report)}
${idleSection(report)}
${machinesSection(report)}
${invoiceSection(report)}
${notesSection(report)}
</main>
<script>${ownText(pageScript)}</script>
</body>
</html>
`;
  return page.markup;
};
