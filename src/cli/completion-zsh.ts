import type { CompletionNode, CompletionOption } from './completion.ts';

/** A script for zsh's completion system, as a file `_gpucost` in $fpath or sourced after compinit. */
export function zshScript(nodes: readonly CompletionNode[]): string {
  const bodies = nodes.map(
    (node) => `${functionName(node.path)}() {
${node.commands.length === 0 ? leafBody(node) : branchBody(node)}
}`,
  );
  return `#compdef gpucost
${bodies.join('\n\n')}

if [[ "$funcstack[1]" == "_gpucost" ]]; then
  _gpucost "$@"
else
  compdef _gpucost gpucost
fi
`;
}

function leafBody(node: CompletionNode): string {
  const argument =
    node.argument === null ? "'*:file:_files'" : quote(`1:what:(${node.argument.join(' ')})`);
  return `  _arguments -s ${[...node.options.map(optionSpec), argument].join(' \\\n    ')}`;
}

function branchBody(node: CompletionNode): string {
  const described = node.commands
    .map(({ name, summary }) => `    ${quote(`${name}:${summary.replaceAll(':', '\\:')}`)}`)
    .join('\n');
  const cases = node.commands
    .map(({ name }) => `        ${name}) ${functionName([...node.path, name])} ;;`)
    .join('\n');
  return `  local state line
  local -a commands
  commands=(
${described}
  )
  _arguments -C -s ${node.options.map(optionSpec).join(' \\\n    ')} \\
    '1: :->command' '*:: :->rest'
  case "$state" in
    command) _describe command commands ;;
    rest)
      case "$line[1]" in
${cases}
      esac ;;
  esac`;
}

function optionSpec(option: CompletionOption): string {
  const summary = option.summary.replace(/[[\]:]/g, (character) => `\\${character}`);
  const value = !option.takesValue
    ? ''
    : option.choices === null
      ? ':value:_files'
      : `:value:(${option.choices.join(' ')})`;
  const long = quote(`${option.long}[${summary}]${value}`);
  return option.short === null ? long : `${long} ${quote(`${option.short}[${summary}]${value}`)}`;
}

function functionName(path: readonly string[]): string {
  return ['_gpucost', ...path].join('_').replaceAll('-', '_');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
