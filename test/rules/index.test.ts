import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { rules } from '../../src/rules/index.ts';

const camelCase = (id: string) => id.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

describe.each(rules.map(({ meta }) => meta.id))('%s', (id) => {
  const path = fileURLToPath(new URL(`./${id}.test.ts`, import.meta.url));

  // testRule asks for a case at and one beside each threshold of the rule that it is given.
  test('is tested in the house form, with its thresholds at and beside their values', () => {
    expect(existsSync(path), `test/rules/${id}.test.ts`).toBe(true);
    const text = readFileSync(path, 'utf8');
    expect(text).toMatch(new RegExp(`from '../../src/rules/${id}.ts'`));
    expect(text).toMatch(new RegExp(`^testRule\\(${camelCase(id)}, `, 'm'));
  });

  // A threshold that changes the wording only has no pair; its own test must name it or what it changes.
  test('has a test of its own for each threshold that only words change by', () => {
    const text = readFileSync(path, 'utf8');
    const [, list = ''] = /wording: \[([^\]]*)\]/.exec(text) ?? [];
    const names = [...list.matchAll(/'(\w+)'/g)].map(([, name]) => name);
    const tests = [...text.matchAll(/^(?:test|it)(?:\.each\(|\()/gm)].length;
    if (names.length > 0) expect(tests, names.join(', ')).toBeGreaterThan(0);
  });

  test('has all three outcomes and both sides of every threshold', () => {
    const text = readFileSync(path, 'utf8');
    for (const part of ['detected: [', 'clear: [', 'notJudged: [', 'edges: {']) {
      expect(text).toContain(part);
    }
    expect(text).not.toMatch(/(detected|clear|notJudged): \[\],/);
  });
});
