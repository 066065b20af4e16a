// Bundles and runs the benchmarks: node test/bench/run.mjs [report-log] [report-session] [report-owners] [report-parts] [start] [watch] [progress]
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const out = mkdtempSync('.dist-bench-');
process.on('exit', () => rmSync(out, { recursive: true, force: true }));
await build({
  entryPoints: ['test/bench/main.ts'],
  outfile: join(out, 'main.mjs'),
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  logLevel: 'warning',
});
const { main } = await import(pathToFileURL(join(process.cwd(), out, 'main.mjs')).href);
await main(process.argv.slice(2));
