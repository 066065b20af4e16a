import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordingPath } from '../sample/fake.ts';

/** A copy of the T4 recording (synthetic) without the rows in which it works: a GPU that is idle with its memory held. */
export function idleRecording(): string {
  const lines = readFileSync(recordingPath('t4'), 'utf8').split('\n');
  const isWork = (line: string): boolean => /^2026\/.*, P0, .*\b(?:[2-9]\d|100) %/.test(line);
  const path = join(mkdtempSync(join(tmpdir(), 'gpucost-idle-')), 'recording.txt');
  writeFileSync(path, lines.filter((line) => !isWork(line)).join('\n'));
  return path;
}
