import type { UsageError } from '../../errors.ts';
import type { LogWarnings } from './log-warnings.ts';
import { exampleCommand, refusal } from './refusal.ts';

export function severalGpus(source: string, size: number): UsageError {
  return refusal(
    source,
    null,
    `rows of ${size} GPUs in turn, and no column that says which row is whose`,
    'an index or uuid column',
    `Record it with index or uuid among the fields (${exampleCommand}); or if the GPUs always come in the same order, pass --gpus ${size}; if it is one GPU, --gpus 1.`,
  );
}

export function unlikeCards(source: string, line: number, before: number, now: number): UsageError {
  return refusal(
    source,
    line,
    `memory.total of ${now} MiB after ${before} MiB, so rows of several GPUs, and no column that says which row is whose`,
    'an index or uuid column',
    `Record it with index or uuid among the fields (${exampleCommand}); or if the GPUs always come in the same order, pass --gpus with their number.`,
  );
}

export function wrongGroups(source: string, asked: number, size: number | null): UsageError {
  return refusal(
    source,
    null,
    size === null
      ? 'rows that do not come in groups by time'
      : `rows that come in groups of ${size} by time`,
    `groups of ${asked}, as --gpus says`,
    size === null
      ? 'If it is one GPU, pass --gpus 1; else record it with an index or uuid column.'
      : `Pass --gpus ${size}, or record it with an index or uuid column.`,
  );
}

export function unknownCount(source: string, line: number): UsageError {
  return refusal(
    source,
    line,
    'rows without timestamp, index and uuid: they could be one GPU over time or several at once',
    'to be told how many GPUs they are',
    'Pass --gpus 1 if it is one GPU, else the number of GPUs that take turns.',
  );
}

export function noTime(source: string): UsageError {
  return refusal(
    source,
    null,
    'no timestamp column',
    'one, or to be told the period',
    'Pass --interval with the period at which the log was written, such as --interval 1s; or record it with timestamp among the fields.',
  );
}

/** A log whose lines are all irregular: what was wrong with them is the reason. */
export function noRow(source: string, warnings: LogWarnings): UsageError {
  const [first] = warnings.items();
  const why = first?.kind === 'warning' ? `: ${first.message}` : '';
  return refusal(
    source,
    null,
    `a header but no reading${why}`,
    'at least one row that fits the header',
    `Check what wrote the file, or record a log with: ${exampleCommand}`,
  );
}
