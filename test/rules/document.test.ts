import { describe, expect, test } from 'vitest';
import { explainText, listText, ruleTable } from '../../src/rules/document.ts';
import { rules } from '../../src/rules/index.ts';

test('the table has one row for each rule, with bars escaped', () => {
  const lines = ruleTable(rules).split('\n');
  expect(lines).toHaveLength(rules.length + 2);
  for (const line of lines) expect(line.replaceAll('\\|', '').split('|')).toHaveLength(5);
});

test('the list names every rule on one line', () => {
  const lines = listText(rules).trimEnd().split('\n');
  expect(lines.map((line) => line.split(' ')[0])).toEqual(rules.map(({ meta }) => meta.id));
});

describe.each(rules.map((rule) => [rule.meta.id, rule] as const))('%s', (_, rule) => {
  test('is explained in full within the width', () => {
    const text = explainText(rule, 80);
    const joined = text.replaceAll(/\s+/g, ' ');
    const { title, rationale, decision, confirm, wrongWhen, remediation, thresholds } = rule.meta;
    const said = [title, rationale, decision, confirm, wrongWhen];
    for (const { action, detail } of remediation) said.push(action, detail);
    for (const [name, { why }] of Object.entries(thresholds)) said.push(`${name} = `, why);
    for (const part of said) expect(joined).toContain(part);
    for (const line of text.split('\n').slice(1)) {
      if (line.includes(' ') && line.trim().includes(' ')) {
        expect(line.length, line).toBeLessThanOrEqual(80);
      }
    }
  });
});
