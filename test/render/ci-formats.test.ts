import { describe, expect, it } from 'vitest';
import { formatOfFile } from '../../src/render/formats.ts';
import { renderGithub } from '../../src/render/github.ts';
import { renderJunit } from '../../src/render/junit.ts';
import type { Report } from '../../src/report/report.ts';
import { aReport } from '../kit/a-report.ts';
import { hostileReport } from '../kit/hostile-report.ts';

const options = { colorLevel: 0, width: 100, unicode: true, verbose: false } as const;

const gates: Report['gates'] = [
  { name: 'max-waste', limit: 0.4, actual: 0.63, result: 'fail', level: 'error', reason: null },
  { name: 'min-effective', limit: 0.1, actual: 0.37, result: 'pass', level: 'error', reason: null },
  { name: 'max-cost', limit: 100, actual: 440.32, result: 'warn', level: 'warn', reason: null },
  {
    name: 'fail-on',
    limit: 'io-bound',
    actual: null,
    result: 'not-judged',
    level: 'error',
    reason: 'host signals are missing',
  },
  {
    name: 'fail-on',
    limit: 'critical',
    actual: 'idle-held',
    result: 'fail',
    level: 'error',
    reason: null,
  },
];
const report = aReport({ gates });

describe('github', () => {
  it('is golden', async () => {
    await expect(renderGithub(report, options)).toMatchFileSnapshot(
      '../golden/report-h100x8.github',
    );
  });

  it('writes one command a line: error, warning, notice, nothing for what passed', () => {
    const lines = renderGithub(report, options).trimEnd().split('\n');
    expect(lines.map((line) => /^::(\w+) title=/.exec(line)?.[1])).toEqual([
      'error',
      'warning',
      'notice',
      'error',
      'warning',
      'warning',
    ]);
  });

  it('escapes what would end a value: %, line breaks; in properties : and , too', () => {
    const [finding] = aReport().findings;
    const odd = aReport({
      findings:
        finding === undefined
          ? []
          : [{ ...finding, title: 'a: b, 50 %\n', summary: '50 %: c,\r\nd' }],
    });
    const text = renderGithub(odd, options);
    expect(text.trimEnd().split('\n')).toHaveLength(1);
    expect(text).toContain('%3A a%3A b%2C 50 %25');
    expect(text).toContain('::50 %25: c,');
  });

  it('a hostile name starts no command of its own', () => {
    for (const line of renderGithub(hostileReport(), options).trimEnd().split('\n')) {
      expect(line).toMatch(/^::(?:error|warning|notice) title=gpucost /);
    }
  });
});

describe('junit', () => {
  it('is golden', async () => {
    await expect(renderJunit(report, options)).toMatchFileSnapshot('../golden/report-h100x8.xml');
  });

  /** What windyroad's JUnit.xsd asks of a suite and a case (as far as its tables say it; read from memory). */
  it('has what the common schemas ask for', () => {
    const xml = renderJunit(report, options);
    const suites = [...xml.matchAll(/<testsuite ([^>]*)>(.*?)<\/testsuite>/gs)];
    expect(suites).toHaveLength(2);
    for (const [, attributes = '', content = ''] of suites) {
      const of = (name: string): string | undefined =>
        new RegExp(`(?:^| )${name}="([^"]*)"`).exec(attributes)?.[1];
      for (const name of ['id', 'package', 'name', 'hostname', 'time']) {
        expect(of(name), name).toBeTruthy();
      }
      expect(of('timestamp')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
      const count = (tag: string): string => `${content.split(`<${tag} `).length - 1}`;
      expect(of('tests')).toBe(count('testcase'));
      expect(of('failures')).toBe(count('failure'));
      expect(of('skipped')).toBe(count('skipped'));
      expect(of('errors')).toBe('0');
      expect(content).toMatch(/^\s*<properties\/>.*<system-out>.*<system-err><\/system-err>\s*$/s);
    }
    expect(xml.match(/<testcase name="[^"]+" classname="[^"]+" time="0"/g)).toHaveLength(9);
  });

  it('is red only where a gate failed', () => {
    expect(renderJunit(aReport(), options)).not.toContain('<failure');
    const xml = renderJunit(report, options);
    expect(xml).toMatch(/<testcase name="idle-held"[^>]*>\s*<failure/);
    expect(xml).toMatch(/<testcase name="undetermined-wait"[^>]*\/>/);
    expect(xml).toMatch(/<testcase name="io-bound"[^>]*>\s*<skipped message="host signals/);
  });

  it('hostile names are text', () => {
    const xml = renderJunit(hostileReport(), options);
    expect(xml).not.toContain('<script');
    expect(xml).not.toContain('<img');
    // Every tag that is left is ours.
    const tags = new Set([...xml.matchAll(/<\/?([\w?-]+)/g)].map(([, tag]) => tag));
    expect(tags).toEqual(
      new Set([
        '?xml',
        'testsuites',
        'testsuite',
        'properties',
        'testcase',
        'failure',
        'system-out',
        'system-err',
      ]),
    );
  });

  it('is known by the ending .xml', () => {
    expect(formatOfFile('a.xml')).toBe('junit');
  });
});
