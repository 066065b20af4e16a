import { Command, CommanderError } from 'commander';
import { UsageError } from '../errors.ts';
import { readVersion } from './version.ts';

/** Takes the exit code of the command that ran. */
type Done = (exitCode: number) => void;

/**
 * The command line: every command with its options. Each action loads its command when it runs,
 * so that help and version load nothing but this.
 */
export function createProgram(args: readonly string[], done: Done): Command {
  const program = new Command('gpucost')
    .description('What a GPU machine billed, how much of it did work, and what to change.')
    .version(readVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .configureOutput({ outputError: () => undefined })
    .showSuggestionAfterError(true)
    .addHelpText('after', examples([['gpucost schema report', "the report's JSON Schema"]]));
  refuseKindly(program, 'gpucost');
  void args;

  newCommand(program, 'schema')
    .summary('print the JSON Schema of a report')
    .argument('<what>', 'report')
    .action(async (what: string) => {
      const { schema } = await import('./schema.ts');
      done(await schema(what));
    });

  newCommand(program, 'completion')
    .summary('print a completion script for bash, zsh or fish')
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText(
      'after',
      examples([
        ['source <(gpucost completion bash)', 'now, in bash'],
        ['gpucost completion fish > ~/.config/fish/completions/gpucost.fish', 'for good, in fish'],
      ]),
    )
    .action(async (shell: string) => {
      const { completion } = await import('./completion.ts');
      done(completion(shell, program));
    });

  return program;
}

function newCommand(parent: Command, name: string): Command {
  const command = parent.command(name).copyInheritedSettings(parent);
  refuseKindly(command, `${pathOf(parent)} ${name}`);
  return command;
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** A wrong flag or argument becomes a UsageError that says where help is. */
function refuseKindly(command: Command, path: string): void {
  command.exitOverride((error: CommanderError) => {
    if (error.exitCode === 0 || error.code === 'commander.help') throw error;
    const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
    const meant = suggestion === undefined ? '' : `${suggestion.replace(/^\(|\)$/g, '')} `;
    throw new UsageError(message, { hint: `${meant}See ${path} --help.`, cause: error });
  });
}

function examples(lines: readonly (readonly [string, string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  return `\nExamples:\n${lines
    .map(([command, what]) => `  ${command.padEnd(width)}  ${what}`)
    .join('\n')}`;
}
