import { UsageError } from '../../errors.ts';

const hourMs = 3_600_000;

/** The instants that a wall clock can mean: two in the hour that is repeated when summer time ends. */
interface Instants {
  readonly first: number;
  readonly second: number | null;
}

export type Zone = (wallMs: number) => Instants;

export const utc: Zone = (wallMs) => ({ first: wallMs, second: null });

/**
 * The zone in which nvidia-smi wrote its timestamps, which carry none: `UTC`, an offset (`+02:00`),
 * or an IANA name (`Europe/Berlin`).
 * @throws UsageError for a zone that does not exist
 */
export function zoneOf(name: string): Zone {
  const offset = /^([+-])(\d{2}):?(\d{2})$/.exec(name);
  if (offset !== null) {
    const sign = offset[1] === '-' ? -1 : 1;
    const offsetMs = sign * (Number(offset[2]) * 60 + Number(offset[3])) * 60_000;
    return (wallMs) => ({ first: wallMs - offsetMs, second: null });
  }
  const wallAt = wallClock(name);
  let hourStart = Number.NaN;
  let instants: Instants = { first: Number.NaN, second: null };
  return (wallMs) => {
    // Zones change on the hour, and asking for one costs more than reading a row: ask once an hour.
    const start = Math.floor(wallMs / hourMs) * hourMs;
    if (start !== hourStart) {
      instants = instantsAt(start, wallAt);
      hourStart = start;
    }
    const into = wallMs - start;
    const { first, second } = instants;
    return { first: first + into, second: second === null ? null : second + into };
  };
}

function instantsAt(wallMs: number, wallAt: (utcMs: number) => number): Instants {
  // Offsets lie within a day of UTC: the instants that show this wall time are found from both sides.
  const dayBefore = wallMs - 24 * hourMs;
  const dayAfter = wallMs + 24 * hourMs;
  const early = wallMs - (wallAt(dayBefore) - dayBefore);
  const late = wallMs - (wallAt(dayAfter) - dayAfter);
  const matches = [early, late].filter((at) => wallAt(at) === wallMs).sort((a, b) => a - b);
  // A time that no clock showed (spring) is read with the offset from before the step.
  const [first = early, second = null] = [...new Set(matches)];
  return { first, second };
}

function wallClock(timeZone: string): (utcMs: number) => number {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (error) {
    throw new UsageError(`unknown time zone '${timeZone}'; expected a name or an offset`, {
      hint: 'Pass the zone of the machine that wrote the log, such as Europe/Berlin, UTC or +02:00.',
      cause: error,
    });
  }
  return (utcMs) => {
    const parts = new Map(format.formatToParts(utcMs).map((p) => [p.type, Number(p.value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const day = Date.UTC(part('year'), part('month') - 1, part('day'));
    return day + part('hour') * hourMs + part('minute') * 60_000 + part('second') * 1000;
  };
}
