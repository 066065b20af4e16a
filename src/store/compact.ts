import { open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { encodeBlock } from './block.ts';
import { type Fields, isFields } from './fields-check.ts';
import { type Gathering, newGathering } from './gather.ts';
import { readHeader } from './header.ts';
import { parseLine } from './items.ts';
import { timeOf, toGpus } from './line-check.ts';
import { newLineSplitter } from './split-lines.ts';

const deflate = promisify(gzip);

/**
 * Rewrites a finished plain segment in columns, compressed, and removes the plain one.
 * At every moment one of the two is whole. Returns the bytes that it now takes.
 */
export async function compactSegment(path: string): Promise<number> {
  const text = toColumns(await readFile(path), basename(path));
  const bytes = await deflate(text);
  const draft = `${path}.gz.tmp`;
  try {
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, `${path}.gz`);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  // The new name must be on disk before the old one goes.
  await syncFolder(dirname(path));
  await rm(path);
  return bytes.length;
}

/** Makes names in a folder survive a loss of power. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Lines in, lines out: ticks, host and job lines become blocks, the others stay as they are, ahead of them. */
export function toColumns(plain: Buffer, name: string): Buffer {
  const out: string[] = [];
  let gathering: Gathering | null = null;
  let gpuCount = 0;
  let damaged = 0;
  let lastMs = 0;
  let end: string | null = null;

  const flush = (): void => {
    for (const { key, taken } of gathering?.take() ?? []) {
      out.push(JSON.stringify(encodeBlock(key, taken)));
    }
  };

  const takeLine = (line: Fields, text: string): boolean => {
    lastMs = Math.max(lastMs, timeOf(line) ?? 0);
    switch (line['kind']) {
      case 'header': {
        flush();
        const header = readHeader(line, name);
        gathering = newGathering(header);
        gpuCount = header.gpus.length;
        break;
      }
      case 'gpus': {
        const gpus = toGpus(line['gpus']);
        if (!gpus) return false;
        // Blocks stand behind the list that their positions are of.
        flush();
        gpuCount = gpus.length;
        break;
      }
      case 'tick':
      case 'host':
      case 'job':
        return gathering?.add(line, gpuCount) ?? false;
      case 'end':
        end = text;
        return true;
      default:
        break;
    }
    out.push(text);
    return true;
  };

  const take = (bytes: Buffer): void => {
    const line = parseLine(bytes);
    if (!isFields(line) || !takeLine(line, bytes.toString('utf8'))) damaged++;
  };

  const lines = newLineSplitter();
  lines.push(plain, take);
  // A torn last line was never completely written; a whole one that lacks its newline counts.
  const rest = lines.rest();
  if (parseLine(rest) !== undefined) take(rest);
  flush();
  if (damaged > 0) {
    const message = `${damaged} damaged ${damaged === 1 ? 'line' : 'lines'} left out of ${name}; their time is unobserved`;
    out.push(JSON.stringify({ kind: 'event', t: lastMs, code: 'warning', message }));
  }
  if (end !== null) out.push(end);
  return Buffer.from(`${out.join('\n')}\n`);
}
