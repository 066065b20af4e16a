import { execFileSync } from 'node:child_process';

/** End-to-end tests run bin/gpucost.js, so what they run must be what the sources say. */
export function setup(): void {
  execFileSync(process.execPath, ['esbuild.config.mjs'], { stdio: 'inherit' });
}
