import { join } from 'node:path';
import { writeSyntheticLog } from '../kit/synthetic-log.ts';
import { medianRun, runNode, show } from './measure.ts';

/** report on a log of 8 GPUs × 24 h at 1 Hz, beside DuckDB's scan of the same file. Budget: 1 s, 150 MB, 3 × DuckDB. */
export async function reportLog(folder: string): Promise<void> {
  const path = join(folder, 'day.csv');
  const bytes = await writeSyntheticLog(path, {
    gpus: 8,
    seconds: 86_400,
    startMs: Date.UTC(2026, 0, 1),
    seed: 1,
  });
  console.log(`report on a CSV log, 8 GPUs × 24 h at 1 Hz (${(bytes / 1e6).toFixed(0)} MB)`);
  const args = ['bin/gpucost.js', 'report', path, '--machine', 'aws/p5.48xlarge', '--json'];
  const ours = await medianRun(5, () => runNode(args));
  show('gpucost report', ours);
  const duck = await medianRun(5, () => runNode(['test/bench/duckdb-scan.mjs', path]));
  show('DuckDB, one aggregate over one scan', duck);
  console.log(
    `  ratio to DuckDB: ${(ours.wallS / duck.wallS).toFixed(2)} wall, ${(ours.cpuS / duck.cpuS).toFixed(2)} CPU`,
  );
}
