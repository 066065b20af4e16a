import { readFileSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

// Writes the generated parts of README.md: what stands between the markers.
const bundle = await build({
  stdin: {
    contents:
      "export { ruleTable } from './src/rules/document.ts'; export { rules } from './src/rules/index.ts';",
    resolveDir: '.',
  },
  bundle: true,
  format: 'esm',
  write: false,
});
const code = Buffer.from(bundle.outputFiles[0].contents).toString('base64');
const { ruleTable, rules } = await import(`data:text/javascript;base64,${code}`);

const [start, end] = ['<!-- rules:start -->', '<!-- rules:end -->'];
const readme = readFileSync('README.md', 'utf8');
const from = readme.indexOf(start);
const to = readme.indexOf(end);
if (from < 0 || to < from) throw new Error(`README.md needs the markers ${start} and ${end}`);
writeFileSync(
  'README.md',
  `${readme.slice(0, from + start.length)}\n${ruleTable(rules)}\n${readme.slice(to)}`,
);
