// Builds the standalone executable and runs the end-to-end tests against it: node test/standalone/run.mjs [vitest arguments]
import { execFileSync } from 'node:child_process';
import process from 'node:process';

execFileSync(process.execPath, ['esbuild.standalone.mjs'], { stdio: 'inherit' });
const chosen = process.argv.slice(2);
execFileSync(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    ...(chosen.length > 0 ? chosen : ['test/cli', 'test/standalone']),
  ],
  {
    stdio: 'inherit',
    env: { ...process.env, GPUCOST_TEST_STANDALONE: 'standalone/gpucost', GPUCOST_SKIP_BUILD: '1' },
  },
);
