import { pageScript, pageStyle, scriptHash, styleHash } from 'gpucost:page-assets';
import type { Renderer } from '../renderer.ts';
import { findingsSection } from './findings.ts';
import { gpusSection, groupsSection } from './gpus.ts';
import { headline, title } from './headline.ts';
import { idleSection } from './idle.ts';
import { invoiceSection } from './invoice.ts';
import { machinesSection } from './machines.ts';
import { html, ownText } from './markup.ts';
import { notesSection } from './notes.ts';
import { timelineSection } from './timeline.ts';
import { waterfall } from './waterfall.ts';
import { workSection } from './work.ts';

// Nothing is loaded, sent or framed; of scripts and styles only our own, known by their hash.
const policy = [
  "default-src 'none'",
  `script-src 'sha256-${scriptHash}'`,
  `style-src 'sha256-${styleHash}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/**
 * The report as one file that needs nothing else: it reads and prints without scripts; with them its timeline
 * zooms. Names in it are text, whatever they say.
 */
export const renderHtml: Renderer = (report) => {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="gpucost ${report.tool.version}">
<title>${title(report)} – gpucost</title>
<style>${ownText(pageStyle)}</style>
</head>
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
