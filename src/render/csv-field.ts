import { plain } from './text.ts';

/**
 * A text as a field of CSV (RFC 4180); one that a spreadsheet would run as a formula gets an apostrophe (OWASP, CSV
 * injection). What is seen decides: characters without a width may stand before the sign.
 */
export function csvField(value: string): string {
  const seen = plain(value);
  const text = isFormula(seen) ? `'${seen}` : seen;
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The wide signs are those of CJK keyboards, which a spreadsheet takes for the others. */
const isFormula = (text: string): boolean =>
  /^\p{Default_Ignorable_Code_Point}*\s*[=+\-@＝＋－＠]/u.test(text) &&
  !/^-?\d+(\.\d+)?$/.test(text);
