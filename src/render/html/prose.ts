import { type Html, html } from './markup.ts';

/** A sentence with `commands` in backticks, which become code. */
export function prose(text: string): Html {
  const parts = text.split('`');
  // An odd backtick is a character like any other.
  if (parts.length % 2 === 0) return html`${text}`;
  return html`${parts.map((part, i) => (i % 2 === 0 ? part : html`<code>${part}</code>`))}`;
}
