import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { rules } from '../../src/rules/index.ts';
import { ruleIndex, rulePage } from '../../src/rules/rule-page.ts';

const folder = fileURLToPath(new URL('../../docs/rules', import.meta.url));
const page = (name: string) => readFileSync(`${folder}/${name}`, 'utf8');

describe.skipIf(!existsSync(folder))('docs/rules is what npm run docs writes', () => {
  test('one page for each rule, an index, and nothing else', () => {
    const pages = rules.map(({ meta }) => `${meta.id}.md`);
    expect(readdirSync(folder).sort()).toEqual([...pages, 'README.md'].sort());
    expect(page('README.md')).toBe(ruleIndex(rules));
  });

  test.each(rules.map((rule) => [rule.meta.id, rule] as const))('%s', (id, rule) => {
    expect(page(`${id}.md`)).toBe(rulePage(rule));
  });
});

test.each(rules.map((rule) => [rule.meta.id, rule] as const))(
  '%s: the page says all that the rule says of itself, and its links lead to rules',
  (_, rule) => {
    const text = rulePage(rule);
    const { title, rationale, decision, confirm, wrongWhen, remediation, thresholds } = rule.meta;
    for (const part of [title, rationale, decision, confirm, wrongWhen])
      expect(text).toContain(part);
    for (const { action, detail } of remediation) {
      expect(text).toContain(action);
      expect(text).toContain(detail);
    }
    for (const [name, { why }] of Object.entries(thresholds)) {
      expect(text).toContain(`| \`${name}\` |`);
      expect(text).toContain(why.replaceAll('|', '\\|'));
    }
    const ids = rules.map(({ meta }) => meta.id);
    for (const [, id] of text.matchAll(/\]\(([\w-]+)\.md\)/g)) expect(ids).toContain(id);
  },
);
