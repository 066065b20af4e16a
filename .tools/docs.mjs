import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

// Writes the generated parts of README.md, what stands between the markers, and docs/rules.
const bundle = await build({
  stdin: {
    contents: `
      export { ruleTable } from './src/rules/document.ts';
      export { ruleIndex, rulePage } from './src/rules/rule-page.ts';
      export { rules } from './src/rules/index.ts';
      export { billingTable } from './src/rates/billing-table.ts';
      export { parseCard } from './src/rates/read-card.ts';`,
    resolveDir: '.',
  },
  bundle: true,
  format: 'esm',
  platform: 'node',
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire('/');",
  },
  write: false,
});
const code = Buffer.from(bundle.outputFiles[0].contents).toString('base64');
const { ruleIndex, rulePage, ruleTable, rules, billingTable, parseCard } = await import(
  `data:text/javascript;base64,${code}`
);

const cards = readdirSync('rates')
  .filter((file) => file.endsWith('.yaml') && file !== 'gpus.yaml')
  .map((file) => parseCard(readFileSync(`rates/${file}`, 'utf8'), file));

let readme = readFileSync('README.md', 'utf8');
replacePart('rules', ruleTable(rules));
replacePart('billing', billingTable(cards));
writeFileSync('README.md', readme);

rmSync('docs/rules', { recursive: true, force: true });
mkdirSync('docs/rules');
writeFileSync('docs/rules/README.md', ruleIndex(rules));
for (const rule of rules) writeFileSync(`docs/rules/${rule.meta.id}.md`, rulePage(rule));

function replacePart(name, text) {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const from = readme.indexOf(start);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) throw new Error(`README.md needs the markers ${start} and ${end}`);
  readme = `${readme.slice(0, from + start.length)}\n${text}\n${readme.slice(to)}`;
}
