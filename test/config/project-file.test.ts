import { describe, expect, it } from 'vitest';
import { parseProject } from '../../src/config/project-file.ts';

const path = '/p/.gpucost.yaml';

it('reads every key', () => {
  const { settings } = parseProject(
    [
      'machine: aws/p5.48xlarge',
      'purchase: spot',
      'thresholds:',
      '  idle-held: { idleFor: 15m, mostlyIdle: 0.25 }',
      'suppressions: [{ rule: idle-held, fingerprint: 1234567890123456, reason: known, until: 2027-01-31 }]',
      'budgets: { max_waste: 40%, max_cost: 25.5, fail_on: [critical] }',
    ].join('\n'),
    path,
  );
  expect(settings).toEqual({
    machine: 'aws/p5.48xlarge',
    purchase: 'spot',
    thresholds: { 'idle-held': { idleFor: 900_000, mostlyIdle: 0.25 } },
    suppressions: [
      {
        rule: 'idle-held',
        fingerprint: '1234567890123456',
        reason: 'known',
        until: '2027-01-31',
      },
    ],
    budgets: { max_waste: 0.4, max_cost: 25.5, fail_on: ['critical'] },
  });
});

it('an empty file sets nothing', () => {
  expect(parseProject('', path).settings).toEqual({});
  expect(parseProject('# nothing yet\n', path).settings).toEqual({});
});

describe('what is wrong is refused with its place', () => {
  it.each([
    ['machin: x', '1:1: machin: expected a known key'],
    [
      'budgets: { max_waste: 400% }',
      '1:23: budgets.max_waste: expected a share such as 40% or 0.4',
    ],
    ['budgets: { max_cost: much }', '1:22: budgets.max_cost: expected an amount of money'],
    [
      'budgets: { max_cost: { level: warn } }',
      '1:22: budgets.max_cost.limit: expected a number, got nothing',
    ],
    [
      'budgets: { max_waste: { limit: 40%, level: loud } }',
      '1:44: budgets.max_waste.level: expected off, warn or error, got "loud"',
    ],
    [
      'budgets: { max_waste: { limit: 40%, x: 1 } }',
      '1:23: budgets.max_waste.level: expected off, warn or error, got nothing',
    ],
    [
      'budgets: { max_waste: 140% }',
      '1:23: budgets.max_waste: expected a share such as 40% or 0.4, or { limit: …',
    ],
    [
      'budgets: { max_waste: [0.4] }',
      '1:23: budgets.max_waste: expected a share such as 40% or 0.4, or { limit: …, level: off|warn|error }, got a list',
    ],
    ['thresholds: { a: { b: soon } }', '1:23: thresholds.a.b: expected a number, or a duration'],
    [
      'suppressions:\n  - { rule: a, fingerprint: 12, reason: b, until: 2027-01-01 }',
      "2:29: suppressions[0].fingerprint: expected a finding's fingerprint",
    ],
    ['suppressions:\n  - { rule: a, until: 2027-01-01 }', '2:5: suppressions[0].reason: expected'],
    [
      'suppressions:\n  - { rule: a, reason: b, until: later }',
      '2:34: suppressions[0].until: expected a date',
    ],
    ['rates: ours.yaml', '1:8: rates: expected a list'],
  ])('%s', (text, message) => {
    expect(() => parseProject(text, path)).toThrow(`${path}:${message}`);
  });
});
