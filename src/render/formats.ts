/** The formats a report can be written in; apart from the renderers, so that naming them loads none. */
export const formats = [
  'table',
  'json',
  'markdown',
  'html',
  'csv',
  'focus',
  'junit',
  'github',
] as const;

export type Format = (typeof formats)[number];

/** The format that a file's name asks for, or null. */
export function formatOfFile(path: string): Format | null {
  if (/\.focus\.csv$/i.test(path)) return 'focus';
  const extension = /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
  return byExtension[extension] ?? null;
}

const byExtension: Readonly<Record<string, Format>> = {
  json: 'json',
  md: 'markdown',
  html: 'html',
  htm: 'html',
  csv: 'csv',
  txt: 'table',
  xml: 'junit',
};
