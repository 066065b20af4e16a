import { execFileSync } from 'node:child_process';

/** End-to-end tests run bin/gpucost.js, so what they run must be what the sources say. */
export function setup(): void {
  if (process.env['GPUCOST_SKIP_BUILD'] === '1') return;
  execFileSync(process.execPath, ['esbuild.config.mjs'], { stdio: 'inherit' });
}
