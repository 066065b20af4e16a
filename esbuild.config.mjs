import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { build } from 'esbuild';

rmSync('dist', { recursive: true, force: true });

// Bundled with splitting: `--help` then loads three files instead of sixty.
await build({
  entryPoints: { 'cli/main': 'src/cli/main.ts', index: 'src/index.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  chunkNames: 'chunks/[name]-[hash]',
  logLevel: 'warning',
});

// Rate cards become JSON here, checked by the schema that users' cards are checked by: loading them then needs no parser.
await build({
  entryPoints: ['src/rates/compile.ts'],
  outfile: 'dist/compile-rates.mjs',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  logLevel: 'warning',
});
const { compileRates } = await import('./dist/compile-rates.mjs');
compileRates('rates', 'dist/rates');
rmSync('dist/compile-rates.mjs');

execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
});
