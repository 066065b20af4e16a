/** SOURCE_DATE_EPOCH (reproducible-builds.org) makes the bytes of results repeatable; else the clock, epoch milliseconds. */
export function now(): number {
  const fixed = process.env['SOURCE_DATE_EPOCH'];
  return fixed !== undefined && /^\d+$/.test(fixed) ? Number(fixed) * 1000 : Date.now();
}
