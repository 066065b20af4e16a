import { expect, test } from 'vitest';
import { explain } from '../../src/cli/explain.ts';
import { rules } from '../../src/rules/index.ts';

async function said(ruleId?: string): Promise<string> {
  const parts: string[] = [];
  const code = await explain(ruleId, { width: 80 }, async (text) => {
    parts.push(text);
  });
  expect(code).toBe(0);
  return parts.join('');
}

test('without a rule it lists all of them', async () => {
  const text = await said();
  for (const { meta } of rules) expect(text).toContain(`${meta.id} `);
});

test('with a rule it says what the finding means', async () => {
  const text = await said('idle-held');
  expect(text).toMatch(/^idle-held: GPU memory is held/);
  expect(text).toContain('idleFor = 300000 ms (5 min)');
});

test('an unknown rule is a usage error that names the nearest one', async () => {
  await expect(said('idle-hold')).rejects.toMatchObject({
    name: 'UsageError',
    message: 'there is no rule "idle-hold"',
    hint: 'Did you mean "idle-held"? Run gpucost explain for the list.',
  });
  await expect(said('zzzzzzzzzzzz')).rejects.toMatchObject({
    hint: 'Run gpucost explain without a name for the list.',
  });
});
