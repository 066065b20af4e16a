import type { Command, Option } from 'commander';
import { UsageError } from '../errors.ts';
import { bashScript } from './completion-bash.ts';
import { fishScript } from './completion-fish.ts';
import { zshScript } from './completion-zsh.ts';
import { resultStream } from './output.ts';

/** One command as a completion script sees it. */
export interface CompletionNode {
  /** Words after `gpucost`; empty for the program itself. */
  readonly path: readonly string[];
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  readonly options: readonly CompletionOption[];
  /** Words that its argument can be; null where it has none, or any goes: then files are offered. */
  readonly argument: readonly string[] | null;
}

export interface CompletionOption {
  readonly long: string;
  readonly short: string | null;
  readonly summary: string;
  readonly takesValue: boolean;
  /** Null where any value goes; then files are offered. */
  readonly choices: readonly string[] | null;
}

const scripts: Readonly<Record<string, (nodes: readonly CompletionNode[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** Prints a completion script, made from the commands and options that this program has. */
export function completion(shell: string, program: Command): number {
  const script = scripts[shell];
  if (script === undefined) {
    throw new UsageError(`no completion for "${shell}"`, {
      hint: `Choose one of ${Object.keys(scripts).join(', ')}.`,
    });
  }
  resultStream().write(script(nodesOf(program, [])));
  return 0;
}

/** The program and its commands, parents first. */
export function nodesOf(command: Command, path: readonly string[]): CompletionNode[] {
  const help = command.createHelp();
  return [
    {
      path,
      commands: command.commands.map((sub) => ({
        name: sub.name(),
        summary: help.subcommandDescription(sub),
      })),
      options: help.visibleOptions(command).flatMap(optionOf),
      argument: command.registeredArguments[0]?.argChoices ?? null,
    },
    ...command.commands.flatMap((sub) => nodesOf(sub, [...path, sub.name()])),
  ];
}

function optionOf(option: Option): CompletionOption[] {
  if (option.long === undefined) return [];
  return [
    {
      long: option.long,
      short: option.short ?? null,
      summary: option.description,
      takesValue: option.required || option.optional,
      choices: option.argChoices ?? null,
    },
  ];
}
