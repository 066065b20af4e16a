import type { CompletionNode } from './completion.ts';

/** A script for bash 3.2 and later that needs no bash-completion package. */
export function bashScript(nodes: readonly CompletionNode[]): string {
  return `# bash completion of gpucost; load it with: source <(gpucost completion bash)
_gpucost() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local path="" words="" word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if [[ "$word" == "--" ]]; then
      COMPREPLY=($(compgen -c -f -- "$current"))
      return
    fi
    case "$path $word" in
${nodes
  .filter(({ path }) => path.length > 0)
  .map(({ path }) => `      ${quote(parentAndName(path))}) path=${quote(path.join(' '))} ;;`)
  .join('\n')}
    esac
  done
  case "$path $previous" in
${nodes.flatMap(valueCases).join('\n')}
  esac
  case "$path" in
${nodes.map((node) => `    ${quote(node.path.join(' '))}) words=${quote(wordsOf(node))} ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [[ "$current" != -* && "$words" != [a-z]* ]]; then
    COMPREPLY+=($(compgen -f -- "$current"))
  fi
}
complete -o filenames -F _gpucost gpucost
`;
}

function parentAndName(path: readonly string[]): string {
  return `${path.slice(0, -1).join(' ')} ${path.at(-1) ?? ''}`;
}

function wordsOf(node: CompletionNode): string {
  const options = node.options.flatMap(({ long, short }) =>
    short === null ? [long] : [long, short],
  );
  const words = node.argument ?? node.commands.map(({ name }) => name);
  return [...words, ...options].join(' ');
}

function valueCases(node: CompletionNode): string[] {
  return node.options
    .filter(({ takesValue }) => takesValue)
    .map(({ long, short, choices }) => {
      const flags = [long, ...(short === null ? [] : [short])];
      const pattern = flags.map((flag) => quote(`${node.path.join(' ')} ${flag}`)).join('|');
      const values = choices === null ? '-f' : `-W ${quote(choices.join(' '))}`;
      return `    ${pattern}) COMPREPLY=($(compgen ${values} -- "$current")); return ;;`;
    });
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
