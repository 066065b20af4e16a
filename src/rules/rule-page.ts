import { needsText, quantity } from './document.ts';
import type { Rule } from './rule.ts';

/** A rule's page of docs/rules as Markdown: what `gpucost explain` says of it. */
export function rulePage({ meta }: Rule): string {
  const { id, title, rationale, decision, confirm, wrongWhen, remediation } = meta;
  const thresholds = Object.entries(meta.thresholds).map(
    ([name, threshold]) =>
      `| \`${name}\` | ${cell(quantity(threshold))} | ${cell(threshold.why)} |`,
  );
  return [
    `# ${id}: ${title}`,
    ...section('Why it matters', rationale),
    ...section('How it is decided', decision),
    ...(thresholds.length === 0
      ? []
      : section(
          'Thresholds',
          'Each can be set in `.gpucost.yaml`, under `thresholds` and the name of the rule.',
          ['| name | value | why this value |', '| --- | --- | --- |', ...thresholds].join('\n'),
        )),
    ...section(
      'What it needs',
      `${needsText(meta)}. Without them it is not judged, which is not the same as clear.`,
    ),
    ...(meta.yieldsTo.length === 0
      ? []
      : section(
          'What it leaves to other rules',
          `What these found in the same time: ${meta.yieldsTo.map(linkOf).join(', ')}.`,
        )),
    ...section(
      'What to do, the least effort first',
      remediation.map(({ action, detail }, i) => `${i + 1}. **${action}** ${detail}`).join('\n'),
    ),
    ...section('How to confirm it by hand', confirm),
    ...section('When it is wrong or does not matter', wrongWhen),
    '',
  ].join('\n');
}

/** The index of docs/rules. */
export function ruleIndex(rules: readonly Rule[]): string {
  return [
    '# Rules',
    '',
    'What `gpucost` can find, in the order in which findings of equal worth are listed. `gpucost explain RULE` says the same in the terminal. Written from the rules themselves by `npm run docs`.',
    '',
    ...rules.map(({ meta }) => `- ${linkOf(meta.id)}: ${meta.title}`),
    '',
  ].join('\n');
}

function section(heading: string, ...parts: readonly string[]): readonly string[] {
  return ['', `## ${heading}`, ...parts.flatMap((part) => ['', part])];
}

function linkOf(id: string): string {
  return `[${id}](${id}.md)`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
