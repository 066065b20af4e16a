// Bundles and runs the truth harness: node test/truth/run.mjs [--quick] [set …]
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const out = mkdtempSync('.dist-truth-');
process.on('exit', () => rmSync(out, { recursive: true, force: true }));
await build({
  entryPoints: ['test/truth/main.ts'],
  // As deep as src/cli and dist/cli, from where the version is looked for.
  outdir: join(out, 'truth'),
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  outExtension: { '.js': '.mjs' },
  logLevel: 'warning',
});
const { main } = await import(pathToFileURL(join(process.cwd(), out, 'truth', 'main.mjs')).href);
const wrong = await main(process.argv.slice(2));
// Failures are loud, and known ones are listed in test/truth/expected: what changed against them is a test's to say.
process.stderr.write(wrong === 0 ? 'no case came out wrong\n' : `${wrong} cases came out wrong\n`);
