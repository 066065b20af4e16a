// Prints how the slowdown of `gpucost whatif` compares with measured throughput: node test/whatif/run.mjs
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

// Beside dist, so that the data of the build is found and the material beside the project too.
const out = mkdtempSync('test/.dist-');
process.on('exit', () => rmSync(out, { recursive: true, force: true }));
await build({
  entryPoints: ['test/whatif/mfu-sweep.ts'],
  outfile: join(out, 'mfu-sweep.mjs'),
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  logLevel: 'warning',
});
const { hasSweep, sweepTable } = await import(
  pathToFileURL(join(process.cwd(), out, 'mfu-sweep.mjs')).href
);
process.stdout.write(hasSweep ? sweepTable() : 'The sweep is not beside the project.\n');
