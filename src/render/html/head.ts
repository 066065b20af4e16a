import { pageStyle, styleHash } from 'gpucost:page-assets';
import { type Html, html, ownText } from './markup.ts';

/** What a page names of itself, and the hash of the one script that it may run. */
export interface PageHead {
  readonly title: string;
  readonly version: string;
  readonly scriptHash: string | null;
}

/** The head of a page: nothing is loaded, sent or framed; of scripts and styles only our own, known by their hash. */
export function pageHead({ title, version, scriptHash }: PageHead): Html {
  const policy = [
    "default-src 'none'",
    ...(scriptHash === null ? [] : [`script-src 'sha256-${scriptHash}'`]),
    `style-src 'sha256-${styleHash}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return html`<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="gpucost ${version}">
<title>${title}</title>
<style>${ownText(pageStyle)}</style>
</head>`;
}
