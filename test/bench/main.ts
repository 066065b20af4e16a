import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { progress } from './progress.ts';
import { reportLog } from './report-log.ts';
import { reportOwners } from './report-owners.ts';
import { reportParts } from './report-parts.ts';
import { reportSession } from './report-session.ts';
import { standalone } from './standalone.ts';
import { start } from './start.ts';
import { watch } from './watch.ts';

const benches: Readonly<Record<string, (folder: string) => Promise<void>>> = {
  start,
  'report-log': reportLog,
  'report-session': reportSession,
  'report-owners': reportOwners,
  'report-parts': reportParts,
  watch,
  progress,
  standalone,
};

/** Runs the named benchmarks, or all; prints figures and ratios, judges nothing. */
export async function main(names: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gpucost-bench-'));
  try {
    for (const name of names.length > 0 ? names : Object.keys(benches)) {
      const bench = benches[name];
      if (!bench)
        throw new Error(`no benchmark '${name}': there are ${Object.keys(benches).join(', ')}`);
      await bench(folder);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
