import type { Plugin as EsbuildPlugin } from 'esbuild';
import type { Plugin as VitePlugin } from 'vite';

export const esbuildPageAssets: EsbuildPlugin;
export const vitePageAssets: VitePlugin;
