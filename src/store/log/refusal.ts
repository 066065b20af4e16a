import { UsageError } from '../../errors.ts';

/** What a readable log looks like, for hints. */
export const exampleCommand =
  'nvidia-smi --query-gpu=timestamp,index,uuid,name,utilization.gpu,utilization.memory,memory.used,' +
  'memory.total,power.draw,power.limit,temperature.gpu,clocks.sm --format=csv -l 1 > gpu.csv';

/** A file that is no readable log, in the form `name:line: found …; expected …`. */
export function refusal(
  name: string,
  line: number | null,
  found: string,
  expected: string,
  hint: string,
): UsageError {
  const place = line === null ? name : `${name}:${line}`;
  return new UsageError(`${place}: found ${found}; expected ${expected}`, { hint });
}

/** Text from a file, short and on one line, so that a message stays readable whatever the file holds. */
export function quoted(text: string): string {
  const printable = text.replace(/[^\x20-\x7e\u00a0-\uffff]/g, '·').trim();
  return `'${printable.length > 80 ? `${printable.slice(0, 79)}…` : printable}'`;
}
