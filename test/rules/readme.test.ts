import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ruleTable } from '../../src/rules/document.ts';
import { rules } from '../../src/rules/index.ts';

const path = fileURLToPath(new URL('../../README.md', import.meta.url));

test.skipIf(!existsSync(path))("README's table of rules is what npm run docs writes", () => {
  const readme = readFileSync(path, 'utf8');
  const [, table] = /<!-- rules:start -->\n([^]*?)\n<!-- rules:end -->/.exec(readme) ?? [];
  expect(table).toBe(ruleTable(rules));
});
