// Builds standalone/gpucost: one file for this platform that runs without Node (a single executable application, on the Node that
// runs this build: nodejs.org/docs/latest-v20.x/api/single-executable-applications.html).
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { esbuildPageAssets } from './.tools/page-assets.mjs';

if (process.platform !== 'linux' || process.arch !== 'x64') {
  throw new Error(
    `the standalone executable is built on linux-x64, this is ${process.platform}-${process.arch}`,
  );
}
/** Where Node looks whether a program is inside it. */
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

const { version, optionalDependencies = {} } = JSON.parse(readFileSync('package.json', 'utf8'));
const out = mkdtempSync('.dist-standalone-');
process.on('exit', () => rmSync(out, { recursive: true, force: true }));

// The rates and the demo's recording as the package has them.
execFileSync(process.execPath, ['esbuild.config.mjs'], { stdio: 'inherit' });

const { outputFiles } = await build({
  stdin: {
    contents: `
      import { main } from './src/cli/main.ts';
      export { packageFiles } from './src/package-file.ts';
      if (require('node:sea').isSea()) {
        main(process.argv.slice(2)).then((code) => { process.exitCode = code; });
      }`,
    resolveDir: '.',
    sourcefile: 'standalone.js',
  },
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20.19',
  // Native modules can't be inside; what uses them does without where they are not there.
  external: Object.keys(optionalDependencies),
  minifySyntax: true,
  minifyWhitespace: true,
  define: { 'import.meta.url': 'gpucostUrl' },
  banner: { js: "const gpucostUrl = require('node:url').pathToFileURL(__filename).href;" },
  legalComments: 'none',
  plugins: [esbuildPageAssets],
  write: false,
  logLevel: 'warning',
});
const bundle = join(out, 'gpucost.cjs');
writeFileSync(bundle, outputFiles[0].contents);
const { packageFiles } = createRequire(import.meta.url)(join(process.cwd(), bundle));

const config = join(out, 'sea.json');
const blob = join(out, 'gpucost.blob');
writeFileSync(
  config,
  JSON.stringify({
    main: bundle,
    output: blob,
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    // Starts 45 ms sooner.
    useCodeCache: true,
    assets: Object.fromEntries(packageFiles.map((file) => [file, file])),
  }),
);
execFileSync(process.execPath, ['--experimental-sea-config', config], {
  stdio: ['ignore', 'ignore', 'inherit'],
});

const draft = join(out, 'gpucost');
copyFileSync(process.execPath, draft);
chmodSync(draft, 0o755);
// Before the blob goes in: strip would throw it out again.
execFileSync('strip', [draft], { stdio: 'inherit' });
// postject warns of a section that it can't name, whatever the program: shown only where it fails.
execFileSync(
  process.execPath,
  ['node_modules/postject/dist/cli.js', draft, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', fuse],
  { stdio: ['ignore', 'ignore', 'pipe'] },
);
const ran = execFileSync(draft, ['--version'], { encoding: 'utf8' }).trim();
if (ran !== version) throw new Error(`the executable says version ${ran}, expected ${version}`);

mkdirSync('standalone', { recursive: true });
const path = join('standalone', 'gpucost');
renameSync(draft, path);
const bytes = readFileSync(path);
const packed = gzipSync(bytes, { level: 9 });
const download = join('standalone', `gpucost-${version}-linux-x64.gz`);
writeFileSync(download, packed);
const megabytes = (of) => `${(of.length / 1e6).toFixed(1)} MB`;
const sha256 = createHash('sha256').update(packed).digest('hex');
process.stdout.write(
  `${path} ${megabytes(bytes)}, on Node ${process.versions.node}\n${download} ${megabytes(packed)} sha256 ${sha256}\n`,
);
