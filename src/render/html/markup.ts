import { plain } from '../text.ts';

declare const safe: unique symbol;

/** Markup that may stand in the page as it is; made by `html` and nothing else. */
export interface Html {
  readonly [safe]: true;
  readonly markup: string;
}

type Part = string | number | Html | null | readonly Part[];

/**
 * The only way to markup: what is put in is text and is escaped, unless it is Html itself; null is nothing.
 * Values stand between tags or in double quotes, never as a tag's or attribute's name.
 */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let markup = texts[0] ?? '';
  parts.forEach((part, i) => {
    markup += markupOf(part) + (texts[i + 1] ?? '');
  });
  return trusted(markup);
}

/** Data for the page's script: a script element that never runs, whatever its strings say. */
export function jsonBlock(id: string, data: unknown): Html {
  const json = JSON.stringify(data)
    .replace(/</g, '\\u003c')
    .replace(/\u2028/g, '\\u2028')
    .replace(/\u2029/g, '\\u2029');
  return html`<script type="application/json" id="${id}">${trusted(json)}</script>`;
}

/** A constant of our own build, such as its style sheet; never text from a report. */
export function ownText(text: string): Html {
  return trusted(text);
}

function trusted(markup: string): Html {
  // The brand exists for the compiler only.
  return { markup } as Html;
}

function markupOf(part: Part): string {
  if (part === null) return '';
  if (typeof part === 'string') return escape(plain(part));
  if (typeof part === 'number') return `${part}`;
  return isHtml(part) ? part.markup : part.map(markupOf).join('');
}

function isHtml(part: Html | readonly Part[]): part is Html {
  return !Array.isArray(part);
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
