import type { CompletionNode, CompletionOption } from './completion.ts';

/** A script for fish; lines are conditions on the commands typed so far. */
export function fishScript(nodes: readonly CompletionNode[]): string {
  return `# fish completion of gpucost
${nodes.flatMap((node) => [...commandLines(node), ...node.options.map((option) => optionLine(node, option))]).join('\n')}
`;
}

function commandLines(node: CompletionNode): string[] {
  if (node.argument !== null) {
    const words = quote(node.argument.join(' '));
    return [`complete -c gpucost -f -n ${quote(condition(node))} -a ${words}`];
  }
  return node.commands.map(
    ({ name, summary }) =>
      `complete -c gpucost -f -n ${quote(condition(node))} -a ${quote(name)} -d ${quote(summary)}`,
  );
}

function optionLine(node: CompletionNode, option: CompletionOption): string {
  const short = option.short === null ? '' : ` -s ${option.short.slice(1)}`;
  const value = !option.takesValue
    ? ''
    : option.choices === null
      ? ' -r'
      : ` -x -a ${quote(option.choices.join(' '))}`;
  return `complete -c gpucost -n ${quote(condition(node))} -l ${option.long.slice(2)}${short}${value} -d ${quote(option.summary)}`;
}

function condition(node: CompletionNode): string {
  const seen = node.path.map((word) => `__fish_seen_subcommand_from ${word}`);
  const below = node.commands.map(({ name }) => name);
  const open = below.length === 0 ? [] : [`not __fish_seen_subcommand_from ${below.join(' ')}`];
  return [...seen, ...open].join('; and ');
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
