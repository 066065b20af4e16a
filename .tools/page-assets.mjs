import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const name = 'gpucost:page-assets';
const folder = fileURLToPath(new URL('../src/render/html/page/', import.meta.url));

/** The module `gpucost:page-assets`: the HTML report's own script and style sheet as text, with their hashes. */
async function pageAssets() {
  const { outputFiles, metafile } = await build({
    entryPoints: { script: `${folder}main.ts`, style: `${folder}page.css` },
    outdir: 'unused',
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'iife',
    platform: 'browser',
    target: ['chrome111', 'firefox115', 'safari16.4'],
    charset: 'ascii',
    legalComments: 'none',
    logLevel: 'warning',
  });
  const text = (extension) =>
    // The text between the tags must be the text that was hashed, and must not end its element.
    outputFiles
      .find(({ path }) => path.endsWith(extension))
      .text.trim()
      .replace(/<\/(?=script|style)/gi, '<\\/');
  const [script, style] = [text('.js'), text('.css')];
  const hash = (of) => createHash('sha256').update(of).digest('base64');
  const module = Object.entries({
    pageScript: script,
    pageStyle: style,
    scriptHash: hash(script),
    styleHash: hash(style),
  }).map(([key, value]) => `export const ${key} = ${JSON.stringify(value)};`);
  return { contents: module.join('\n'), watchFiles: Object.keys(metafile.inputs) };
}

/** For esbuild: dist. */
export const esbuildPageAssets = {
  name,
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^gpucost:page-assets$/ }, () => ({ path: name, namespace: 'gpucost' }));
    onLoad({ filter: /.*/, namespace: 'gpucost' }, pageAssets);
  },
};

/** For vitest, which loads src without a build. */
export const vitePageAssets = {
  name,
  enforce: 'pre',
  resolveId: (id) => (id === name ? `\0${name}` : null),
  load: async (id) => (id === `\0${name}` ? (await pageAssets()).contents : null),
};
