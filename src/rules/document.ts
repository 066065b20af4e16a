import type { Rule, RuleMeta, Threshold } from './rule.ts';

/** The rules as a Markdown table, for the README. */
export function ruleTable(rules: readonly Rule[]): string {
  const rows = rules.map(
    ({ meta }) =>
      `| [\`${meta.id}\`](docs/rules/${meta.id}.md) | ${cell(meta.title)} | ${cell(needsText(meta))} |`,
  );
  return ['| rule | what it says | what it needs |', '| --- | --- | --- |', ...rows].join('\n');
}

/** All rules with their titles, one a line, for the terminal. */
export function listText(rules: readonly Rule[]): string {
  const width = Math.max(...rules.map(({ meta }) => meta.id.length));
  return `${rules.map(({ meta }) => `${meta.id.padEnd(width)}  ${meta.title}`).join('\n')}\n`;
}

/** Everything a rule says of itself, as plain text wrapped at `width` columns. */
export function explainText({ meta }: Rule, width: number): string {
  const paragraphs = (heading: string, text: string) => ['', heading, ...wrap(text, width, '  ')];
  return [
    `${meta.id}: ${meta.title}`,
    ...paragraphs('Why it matters', meta.rationale),
    ...paragraphs('How it is decided', meta.decision),
    '',
    'Thresholds (each can be set in .gpucost.yaml)',
    ...Object.entries(meta.thresholds).flatMap(([name, threshold]) => [
      `  ${name} = ${quantity(threshold)}`,
      ...wrap(threshold.why, width, '    '),
    ]),
    ...paragraphs('Needs', needsText(meta)),
    ...(meta.yieldsTo.length === 0
      ? []
      : paragraphs('Leaves to other rules what they found', meta.yieldsTo.join(', '))),
    '',
    'What to do, the least effort first',
    ...meta.remediation.flatMap(({ action, detail }, index) => [
      ...hang(wrap(action, width, '     '), `  ${index + 1}. `),
      ...wrap(detail, width, '     '),
    ]),
    ...paragraphs('How to confirm it by hand', meta.confirm),
    ...paragraphs('When it is wrong or does not matter', meta.wrongWhen),
    '',
  ].join('\n');
}

const needs = {
  utilization: 'GPU utilization',
  memory: 'GPU memory in use',
  power: 'power draw',
  utilizationMemory: 'memory utilization',
  clocks: 'SM clock',
  pcie: 'PCIe throughput',
  pcieLink: 'PCIe generation and lanes with their maximum',
  eventReasons: 'clock event reasons or slowdown counters',
  hostSignals: "signals of the host or of the job's processes",
  jobSignals: "signals of the job's processes",
} as const;

/** The readings that a rule needs, in words. */
export function needsText({ requires }: RuleMeta): string {
  return requires.map((requirement) => needs[requirement]).join(', ');
}

/** A threshold's value with its unit, a time also in minutes or seconds. */
export function quantity({ value, unit }: Threshold): string {
  if (unit === 'ms' && value % 60_000 === 0) return `${value} ms (${value / 60_000} min)`;
  if (unit === 'ms') return `${value} ms (${value / 1000} s)`;
  return unit === 'times' ? String(value) : `${value} ${unit}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function hang(lines: readonly string[], lead: string): readonly string[] {
  return lines.map((line, index) => (index === 0 ? lead + line.slice(lead.length) : line));
}

/** Breaks at spaces; a word longer than the width keeps its line to itself. */
function wrap(text: string, width: number, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line !== indent && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent;
    }
    line += line === indent ? word : ` ${word}`;
  }
  return [...lines, line];
}
