import { mkdirSync, mkdtempSync, readFileSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { record } from '../../src/cli/record.ts';

import { readRecordedOutput } from '../../src/sample/recording-file.ts';
import { openReplay } from '../../src/sample/replay.ts';
import { parseTimestamp } from '../../src/sample/timestamp.ts';
import type { MachineFacts } from '../../src/store/lines.ts';
import { type RecordingName, recordingPath } from '../sample/fake.ts';

const stamp = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d{3}/;

/**
 * Watches one of the synthetic recordings through the sampler and stores it, as `gpucost watch` would: the same session
 * each time. Time runs `slower` times as slowly, so that a recording of minutes lasts as long as jobs do.
 */
export async function recordedSession(
  name: RecordingName,
  slower: number,
  machine: Pick<MachineFacts, 'provider' | 'type'>,
): Promise<string> {
  const text = readFileSync(recordingPath(name), 'utf8');
  const { intervalMs, smi, clock, processNames } = openReplay(
    readRecordedOutput(Buffer.from(slowed(text, slower)), name),
  );
  const home = mkdtempSync(join(tmpdir(), 'gpucost-recorded-'));
  const path = await record(
    {
      smi,
      clock,
      processNames,
      signals: null,
      identity: {
        name: `${name}-node`,
        key: name,
        cpus: 0,
        memoryMib: 0,
        bootedAt: null,
        container: false,
      },
      async machine() {
        return {
          ...machine,
          region: null,
          purchase: null,
          detectedBy: 'flag',
          launchedAt: null,
        };
      },
    },
    {
      home,
      intervalMs,
      durationMs: null,
      gpus: null,
      command: null,
      stop: {
        signal: new AbortController().signal,
        reason: () => 'duration',
        end: () => undefined,
        release: () => undefined,
      },
      progress: null,
      onLine: () => undefined,
    },
  );
  // A session's name ends with letters by chance.
  const folder = join(home, 'renamed');
  mkdirSync(folder);
  renameSync(path, join(folder, name));
  return join(folder, name);
}

function slowed(recording: string, slower: number): string {
  let first: number | null = null;
  return recording
    .split('\n')
    .map((line) => {
      const [written] = stamp.exec(line) ?? [];
      const at = written === undefined ? null : parseTimestamp(written);
      if (written === undefined || at === null) return line;
      first ??= at;
      const moved = new Date(first + slower * (at - first)).toISOString();
      return `${moved.replaceAll('-', '/').replace('T', ' ').replace('Z', '')}${line.slice(written.length)}`;
    })
    .join('\n');
}
