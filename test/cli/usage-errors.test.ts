import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../kit/run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'gpucost-usage-'));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const log = file(
  'gpu.csv',
  [
    'timestamp, index, name, utilization.gpu [%], memory.used [MiB], power.draw [W]',
    ...Array.from(
      { length: 60 },
      (_, i) =>
        `2026/06/01 09:00:${String(i).padStart(2, '0')}.000, 0, NVIDIA L4, 50 %, 4000 MiB, 40.00 W`,
    ),
    '',
  ].join('\n'),
);
const foreign = file('notes.csv', 'milk, eggs\n2, 12\n');
const report = file('report.json', '{\n  "schema": "gpucost.report/1",\n  "machines": []\n}\n');
const empty = file('empty.csv', '');
const card = file(
  'card.yaml',
  'schema: gpucost.rates/1\nprovider: acme\ncurrency: USD\nmachines:\n  box:\n    prices: [{ per_hour: 2,50 }]\n',
);

const cases: readonly [name: string, args: readonly string[], words: readonly string[]][] = [
  [
    'a wrong flag',
    ['watch', '--intervall', '1s'],
    ["'--intervall'", 'Did you mean --interval?', 'gpucost watch --help'],
  ],
  ['a wrong command', ['reprot'], ["'reprot'", 'Did you mean report?']],
  [
    'a bare number for a duration',
    ['watch', '-i', '1'],
    ['--interval 1 has no unit', '1s', '--gpus 1'],
  ],
  ['nonsense for a duration', ['watch', '-d', 'soon'], ['--duration', '"soon"', '15m']],
  ['nonsense for a time', ['report', '--since', 'yesterday', log], ['--since', '2h']],
  [
    'times the wrong way round',
    ['report', '--since', '1h', '--until', '2h', log],
    ['--since must be before'],
  ],
  ['a share without a sign', ['report', '--max-waste', '40', log], ['--max-waste', '40%']],
  ['money with a comma', ['report', '--max-cost', '2,50', log], ['--max-cost', '2.50']],
  [
    'an unknown gate',
    ['report', '--fail-on', 'ide-held', log],
    ['ide-held', 'did you mean idle-held?'],
  ],
  ['an unknown format', ['report', '--format', 'yaml', log], ['table, json']],
  ['contradicting formats', ['report', '--json', '--format', 'csv', log], ['contradict']],
  ['a file without a format', ['report', '-o', 'report.xyz', log], ['report.xyz', '.json']],
  [
    'a folder that is not there',
    ['report', '-o', '/nowhere/report.json', log],
    ['/nowhere/report.json', 'folder does not exist'],
  ],
  ['a missing file', ['report', 'nowhere.csv'], ['nowhere.csv', 'no such file', 'sessions list']],
  [
    'a report of ours',
    ['report', report],
    ['report.json: this is a report (JSON) of gpucost', 'gpucost diff', 'gpucost comment'],
  ],
  ['a report of ours, for whatif', ['whatif', report], ['this is a report (JSON) of gpucost']],
  [
    'no expression and no file',
    ['watch', '--progress', '(', '--', 'true'],
    ['--progress "("', 'neither an expression', 'nor a file that exists', '(?<step>'],
  ],
  ['no rate card', ['rates', 'check', foreign], ['notes.csv:1:1: ', 'expected', 'milk, eggs']],
  [
    'a report as a rate card',
    ['rates', 'check', report],
    ['expected a rate card', '"gpucost.report/1"'],
  ],
  ['an unknown purchase', ['rates', 'list', '--purchase', 'spto'], ['"spto"', 'mean spot?']],
  ['an empty file', ['report', empty], ['empty.csv', 'empty']],
  ['a foreign file', ['report', foreign], ['notes.csv']],
  ['nothing stored', ['report'], ['no session is stored', 'gpucost watch']],
  [
    'an unknown machine type',
    ['report', log, '--machine', 'aws/p5.48xlrage'],
    ['p5.48xlrage', 'did you mean aws/p5.48xlarge'],
  ],
  [
    'an unknown machine type, before watching',
    ['watch', '--machine', 'p5.48xlrage'],
    ['did you mean aws/p5.48xlarge'],
  ],
  ['a broken card', ['report', log, '--rates', card], [`${card}:6:`, 'decimal comma']],
  ['a cost gate without a rate', ['report', log, '--max-cost', '5'], ['--max-cost', '--machine']],
  [
    'a command without dashes',
    ['watch', 'python', 'train.py'],
    ['gpucost watch -- python train.py'],
  ],
  ['--json with a command and no file', ['watch', '--json', '--', 'true'], ['-o']],
  ['an unknown rule', ['explain', 'io-bond'], ['io-bond', 'io-bound']],
  ['an unknown schema', ['schema', 'reprot'], ['report, rates, session']],
  ['an unknown shell', ['completion', 'tcsh'], ['bash, zsh, fish']],
  ['no subcommand', ['rates'], ['list', 'detect']],
];

describe('what the caller got wrong ends with 2, names the place and the next step', () => {
  it.concurrent.each(cases)('%s', async (_, args, words) => {
    const { code, stdout, stderr } = await runCli(args);
    expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: '' });
    for (const word of words) expect(stderr).toContain(word);
    expect(stderr).not.toContain('    at ');
  });

  it('a broken project file', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'gpucost-project-'));
    writeFileSync(
      join(cwd, '.gpucost.yaml'),
      'machne: aws/p5.48xlarge\nthresholds:\n  idle-held: { idleFro: 15m }\n',
    );
    const { code, stderr } = await runCli(['report', log], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('.gpucost.yaml:1:1: machne');
    expect(stderr).toContain('did you mean machine?');
  });

  it('a threshold that no rule has', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'gpucost-project-'));
    writeFileSync(join(cwd, '.gpucost.yaml'), 'thresholds:\n  idle-hold: { x: 15m }\n');
    const { code, stderr } = await runCli(['report', log], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('.gpucost.yaml:2:3: thresholds.idle-hold');
    expect(stderr).toContain('did you mean idle-held?');
  });

  it.each([
    [
      'thresholds: { idle-held: { idleFor: 900000 } }',
      '1:37: thresholds.idle-held.idleFor: expected a duration with its unit, such as 5m',
    ],
    ['thresholds: { idle-held: { mostlyIdle: 15m } }', 'expected a number in the unit "share"'],
    ['machine: aws/p5.48xlrage', '1:10: machine: unknown machine type'],
    ['purchase: spto', '1:11: purchase: no rate card has a price for the purchase "spto"'],
  ])('%s in a project file', async (text, message) => {
    const cwd = mkdtempSync(join(tmpdir(), 'gpucost-project-'));
    writeFileSync(join(cwd, '.gpucost.yaml'), `${text}\n`);
    const { code, stdout, stderr } = await runCli(['report', log], { cwd });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`.gpucost.yaml:${/^\d/.test(message) ? message : ''}`);
    expect(stderr).toContain(message);
  });
});
