import { CommanderError } from 'commander';
import { HostError, UsageError } from '../errors.ts';
import { createProgram } from './program.ts';
import { readVersion } from './version.ts';

process.stdout.on('error', leaveQuietlyOnClosedPipe);
process.stderr.on('error', leaveQuietlyOnClosedPipe);
process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = createProgram(args, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    return tell(error);
  }
}

/** The only place that turns errors into text and exit codes. */
function tell(error: unknown): number {
  // Help and version were printed; help in place of a missing subcommand carries code 1.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UsageError) return explain(error, 2);
  if (error instanceof HostError) return explain(error, 3);
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    `${text}\n\nThis is a bug in gpucost ${readVersion()} (Node ${process.versions.node}). Please report it with the text above; \`npm bugs gpucost\` shows where.\n`,
  );
  return 70;
}

function explain(error: UsageError | HostError, exitCode: number): number {
  const hint = error.hint === undefined ? '' : `\n${indent(error.hint)}`;
  process.stderr.write(`gpucost: ${error.message}${hint}\n`);
  return exitCode;
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}

/** `gpucost … | head` closes the pipe early: that is the reader's choice, not an error. */
function leaveQuietlyOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
