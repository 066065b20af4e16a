/**
 * Readings as they are stored: shares and cores to four decimals, everything else to whole units.
 * /proc counts CPU in ticks of 10 ms, 0.2 % of a 5 s interval, so this takes nothing that was measured away,
 * and a session of 8 jobs would otherwise spend more bytes on digits of quotients than on the GPUs.
 */
export function toResolution(column: string, value: number | null): number | null {
  if (value === null) return null;
  const isShareOrCores = column.endsWith('Share') || /Cores/.test(column);
  return isShareOrCores ? Math.round(value * 1e4) / 1e4 : Math.round(value);
}
