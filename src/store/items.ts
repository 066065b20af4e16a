import { UsageError } from '../errors.ts';
import type { GpuIdentity } from '../sample/columns.ts';
import { decodeBlock, type SeriesKey } from './block.ts';
import { type Fields, isFields } from './fields-check.ts';
import { type Gathering, newGathering } from './gather.ts';
import { readHeader } from './header.ts';
import {
  isPositions,
  timeOf,
  toEnd,
  toEvent,
  toGpus,
  toProcesses,
  toProgress,
  toShares,
  toWaits,
} from './line-check.ts';
import type { EndLine, ProcessesLine } from './lines.ts';
import type { RecordingItem } from './recording.ts';
import { newRepeatedLists } from './repeated-list.ts';
import type { Columns } from './series.ts';

/** Readings that are gathered from tick lines before they are handed on as a block. */
const blockReadings = 1024;

/** Turns the lines of a session, in their order, into items. */
export interface ItemReader {
  /** Takes one line; what it completes comes with the next `take`. */
  line(bytes: Buffer): void;
  /** The last line of a file where it has no newline: torn, or still being written. */
  rest(bytes: Buffer): void;
  /** Something about a file that the user is to know. */
  warn(code: string, message: string): void;
  take(): readonly RecordingItem[];
  /** What is left, warnings, and the end. */
  finish(): readonly RecordingItem[];
}

/**
 * What is known of a moment comes before its samples: GPUs, events and processes at once,
 * then host and jobs, then samples. So an event may come up to a segment earlier than samples before it.
 */
export function newItemReader(name: string): ItemReader {
  let items: RecordingItem[] = [];
  let gathering: Gathering | null = null;
  let gpus: readonly GpuIdentity[] = [];
  let gpusText = '';
  let hostKey: string | null = null;
  const sessions = new Set<string>();
  const lists = newRepeatedLists();
  let damaged = 0;
  let lastMs: number | null = null;
  let end: EndLine | null = null;

  const seen = (t: number): void => {
    if (lastMs === null || t > lastMs) lastMs = t;
  };

  const setGpus = (list: readonly GpuIdentity[]): void => {
    const text = JSON.stringify(list);
    if (text === gpusText) return;
    gpusText = text;
    gpus = list;
    items.push({ kind: 'gpus', gpus });
  };

  const emit = (key: SeriesKey, block: Columns): boolean => {
    seen(latest(block));
    switch (key.series) {
      case 'gpu': {
        const gpu = gpus[key.gpu];
        if (!gpu) return false;
        items.push({ kind: 'samples', block: { gpu: gpu.id, ...block } });
        return true;
      }
      case 'host':
        items.push({ kind: 'host', block });
        return true;
      case 'job': {
        const ids = key.gpus.map((position) => gpus[position]?.id);
        if (ids.includes(undefined)) return false;
        const known = ids.filter((id) => id !== undefined);
        items.push({ kind: 'job', gpus: known, pid: key.pid, name: key.name, block });
        return true;
      }
    }
  };

  const flush = (): void => {
    for (const { key, taken } of gathering?.take() ?? []) emit(key, taken);
  };

  const header = (line: Fields): void => {
    const read = readHeader(line, name);
    if (hostKey !== null && read.host.key !== hostKey) {
      throw new UsageError(
        `${name}: holds sessions of several hosts, ${read.host.name} among them`,
        {
          hint: 'Pass the sessions of each host as a source of their own.',
        },
      );
    }
    flush();
    hostKey = read.host.key;
    sessions.add(read.id);
    gathering = newGathering(read);
    end = null;
    seen(read.startedAt);
    setGpus(read.gpus);
  };

  const block = (line: Fields): boolean => {
    const key = seriesKey(line);
    const columns = key && decodeBlock(key.series, line);
    return columns !== null && key !== null && emit(key, columns);
  };

  const list = ({ t, visible, processes }: ProcessesLine): void => {
    seen(t);
    items.push({ kind: 'processes', timeMs: t, visible, processes });
  };

  /** Takes a line that stands alone; false where it is not what its kind says. */
  const fact = (line: Fields, bytes: Buffer): boolean => {
    const t = timeOf(line);
    if (t === null) return false;
    seen(t);
    switch (line['kind']) {
      case 'gpus': {
        const list = toGpus(line['gpus']);
        if (!list) return false;
        flush();
        setGpus(list);
        return true;
      }
      case 'processes': {
        const read = toProcesses(line);
        if (!read) return false;
        lists.learn(bytes, read);
        list(read);
        return true;
      }
      case 'waits': {
        const read = toWaits(line);
        if (!read) return false;
        const ids = read.gpus.flatMap((position) => gpus[position]?.id ?? []);
        const { pid, mounts, unplaced } = read;
        items.push({ kind: 'waits', timeMs: t, pid, gpus: ids, mounts, unplaced });
        return true;
      }
      case 'shares': {
        const read = toShares(line);
        if (!read) return false;
        items.push({ kind: 'shares', timeMs: t, rows: read.rows });
        return true;
      }
      case 'event': {
        const event = toEvent(line);
        if (!event) return false;
        items.push({ kind: 'event', event });
        return true;
      }
      case 'progress': {
        const reading = toProgress(line);
        if (!reading) return false;
        if (reading !== 'later') items.push({ kind: 'progress', reading });
        return true;
      }
      default: {
        const read = toEnd(line);
        if (!read) return false;
        end = read;
        return true;
      }
    }
  };

  /** False: the line is damaged. A kind that a later version added is passed over. */
  const accept = (line: unknown, bytes: Buffer): boolean => {
    if (!isFields(line)) return false;
    switch (line['kind']) {
      case 'header':
        header(line);
        return true;
      case 'block':
        return block(line);
      case 'tick':
      case 'host':
      case 'job': {
        if (!gathering?.add(line, gpus.length)) return false;
        seen(timeOf(line) ?? 0);
        if (gathering.longest >= blockReadings) flush();
        return true;
      }
      case 'gpus':
      case 'processes':
      case 'waits':
      case 'shares':
      case 'event':
      case 'progress':
      case 'end':
        return fact(line, bytes);
      default:
        return typeof line['kind'] === 'string';
    }
  };

  const takeLine = (bytes: Buffer): boolean => {
    const repeated = lists.read(bytes);
    if (repeated) {
      list(repeated);
      return true;
    }
    const line = parseLine(bytes);
    if (line !== undefined) return accept(line, bytes);
    // A torn line with another segment appended behind it, as `cat` makes of two files.
    const again = bytes.indexOf('{"kind":"header"', 1);
    if (again > 0) {
      const behind = bytes.subarray(again);
      const header = parseLine(behind);
      if (header !== undefined) accept(header, behind);
    }
    return false;
  };

  const take = (): readonly RecordingItem[] => {
    const taken = items;
    items = [];
    return taken;
  };

  return {
    line(bytes) {
      if (!takeLine(bytes)) damaged++;
    },
    rest(bytes) {
      // A whole line whose newline alone is missing counts; what is torn was never completely written.
      const line = parseLine(bytes);
      if (line !== undefined) accept(line, bytes);
      flush();
    },
    warn(code, message) {
      items.push({ kind: 'warning', code, message });
    },
    take,
    finish() {
      flush();
      if (damaged > 0) {
        const message = `${name}: ${damaged} damaged ${damaged === 1 ? 'line' : 'lines'} passed over; their time is unobserved`;
        items.push({ kind: 'warning', code: 'session-damaged', message });
      }
      if (sessions.size > 1) {
        const message = `${name}: holds ${sessions.size} sessions; the time between them counts as watched`;
        items.push({ kind: 'warning', code: 'several-sessions', message });
      }
      if (end !== null) items.push({ kind: 'end', timeMs: end.t, reason: end.reason });
      else if (lastMs !== null) items.push({ kind: 'end', timeMs: lastMs });
      return take();
    },
  };
}

/** Not always the last one: a clock may step backwards. */
function latest({ timeMs, length }: Columns): number {
  let max = timeMs[0] ?? 0;
  for (let i = 1; i < length; i++) {
    const t = timeMs[i] ?? 0;
    if (t > max) max = t;
  }
  return max;
}

const gpuBlockStart = Buffer.from('{"kind":"block","series":"gpu",');

/** Undefined: no JSON. */
export function parseLine(bytes: Buffer): unknown {
  // The bulk of a session holds no name, and as Latin-1 it is read without looking for UTF-8.
  const isAscii = gpuBlockStart.equals(bytes.subarray(0, gpuBlockStart.length));
  try {
    return JSON.parse(bytes.toString(isAscii ? 'latin1' : 'utf8')) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function seriesKey(line: Fields): SeriesKey | null {
  const { series, gpu, pid, name, gpus } = line;
  if (series === 'host') return { series };
  if (series === 'gpu' && typeof gpu === 'number') return { series, gpu };
  if (series !== 'job' || !isPositions(gpus)) return null;
  if (typeof pid !== 'number' || typeof name !== 'string') return null;
  return { series, pid, name, gpus };
}
