import { defineConfig } from 'vitest/config';
import { vitePageAssets } from './.tools/page-assets.mjs';

export default defineConfig({
  plugins: [vitePageAssets],
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/kit/build-once.ts'],
    testTimeout: 30_000,
    hookTimeout: 120_000,
    env: { NO_COLOR: '1', TZ: 'UTC', SOURCE_DATE_EPOCH: '1767225600' },
  },
});
