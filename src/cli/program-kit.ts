import type { Command, CommanderError } from 'commander';
import { UsageError } from '../errors.ts';

/** A subcommand that has the parent's settings and refuses in the same way. */
export function newCommand(parent: Command, name: string, summary: string): Command {
  const command = parent
    .command(name)
    .copyInheritedSettings(parent)
    .helpCommand(false)
    .summary(summary)
    .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`);
  refuseKindly(command, `${pathOf(parent)} ${name}`);
  return command;
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** A wrong flag or argument becomes a UsageError that says where help is. */
export function refuseKindly(command: Command, path: string): void {
  command.exitOverride((error: CommanderError) => {
    if (isHelp(error)) throw error;
    const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
    const meant = suggestion === undefined ? '' : `${suggestion.replace(/^\(|\)$/g, '')} `;
    throw new UsageError(message, { hint: `${meant}See ${path} --help.`, cause: error });
  });
}

/** True where commander printed help or the version and has nothing to complain of. */
export function isHelp(error: CommanderError): boolean {
  return error.exitCode === 0 || error.code === 'commander.help';
}

/** Commands with what they do, for the end of a help text. */
export function examples(lines: readonly (readonly [string, string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  return `\nExamples:\n${lines
    .map(([command, what]) => `  ${command.padEnd(width)}  ${what}`)
    .join('\n')}`;
}
