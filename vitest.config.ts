import { defineConfig } from 'vitest/config';
import { vitePageAssets } from './.tools/page-assets.mjs';

export default defineConfig({
  plugins: [vitePageAssets],
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/kit/build-once.ts'],
    setupFiles: ['test/kit/property-seed.ts'],
    // End-to-end tests start processes and wait for them: a machine under load gets a second try, and says so.
    retry: process.env['CI'] ? 2 : 0,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    env: { NO_COLOR: '1', TZ: 'UTC', SOURCE_DATE_EPOCH: '1767225600' },
  },
});
