/**
 * nvidia-smi's `2026/07/14 08:12:53.353` in milliseconds, read as if it were UTC: it is local time without a zone,
 * so only differences mean something. Null if it is not of that form.
 */
export function parseTimestamp(cell: string): number | null {
  const parts = /^(\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,3}))?$/.exec(cell.trim());
  if (parts === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(1, 7)
    .map(Number);
  const milliseconds = Number((parts[7] ?? '0').padEnd(3, '0'));
  return Date.UTC(year, month - 1, day, hour, minute, second, milliseconds);
}
