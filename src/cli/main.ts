import { CommanderError } from 'commander';
import { HostError, UsageError } from '../errors.ts';
import { bugText } from './bug-text.ts';
import { createProgram } from './program.ts';
import { say } from './stderr.ts';

/** Runs the command that the arguments name, tells its errors, and gives the exit code; never rejects. */
export async function main(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = createProgram(args, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    return await tell(error);
  }
}

/** The only place that turns errors into text and exit codes. */
async function tell(error: unknown): Promise<number> {
  // Help and version were printed; help in place of a missing subcommand carries code 1.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UsageError) return explain(error, 2);
  if (error instanceof HostError) return explain(error, 3);
  say(bugText(error));
  return 70;
}

async function explain(error: UsageError | HostError, exitCode: number): Promise<number> {
  // Messages quote what files hold, and a file can hold commands for the terminal.
  const { plain } = await import('../render/text.ts');
  const shown = (text: string): string => text.split('\n').map(plain).join('\n');
  const hint = error.hint === undefined ? '' : `\n${indent(shown(error.hint))}`;
  say(`gpucost: ${shown(error.message)}${hint}`);
  return exitCode;
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}
