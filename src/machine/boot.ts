/** Field 22 of /proc/pid/stat is in USER_HZ, which is 100 on every architecture that has an NVIDIA driver (proc(5)). */
const ticksPerSecond = 100;

/**
 * When the machine, or in a container the container, started, in epoch milliseconds. The kernel's boot is btime
 * of /proc/stat; a container shows the host's there, so its own start is that of its PID 1 (field 22 of
 * /proc/1/stat, ticks after boot). Billing began some 5 to 60 s before, so it is the least that was billed.
 * Null where /proc does not say.
 */
export function startedAt(
  stat: string | null,
  initStat: string | null,
  container: boolean,
): number | null {
  const boot = /^btime (\d+)$/m.exec(stat ?? '')?.[1];
  if (boot === undefined) return null;
  const bootMs = Number(boot) * 1000;
  if (!container) return bootMs;
  // The name in parentheses may hold blanks and parentheses: the fields are counted from its end.
  const fields = initStat?.slice(initStat.lastIndexOf(')') + 2).split(' ') ?? [];
  const ticks = Number(fields[19]);
  return Number.isInteger(ticks) ? bootMs + Math.round((ticks * 1000) / ticksPerSecond) : null;
}
