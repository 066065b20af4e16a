import type { Command } from 'commander';
import { parseDuration } from '../config/duration.ts';
import type { IdleFlags } from './idle.ts';
import type { Done } from './program.ts';
import { examples, newCommand } from './program-kit.ts';
import { addMachineOptions } from './program-options.ts';

/** `idle`. */
export function addIdle(program: Command, done: Done): void {
  const command = newCommand(
    program,
    'idle',
    'has every GPU been idle? exit code 0 yes, 1 no or not known',
  )
    .requiredOption('--for <duration>', 'idle for at least this long, such as 30m', (text) =>
      parseDuration(text, '--for'),
    )
    .option('--no-wait', 'answer from what gpucost watch is recording, never wait')
    .option('--json', 'as JSON')
    .option('-q, --quiet', 'say nothing but the answer and errors')
    .addHelpText(
      'after',
      `${examples([
        ['gpucost idle --for 30m && sudo poweroff', 'stop a forgotten machine'],
        ['gpucost idle --for 1h --no-wait --json', 'from cron, beside gpucost watch'],
      ])}\n\nWhat is unknown (a gap, a driver that is down, MIG, hidden GPUs) counts as work.`,
    );
  addMachineOptions(command).action(async (flags: IdleFlags) => {
    const { idle } = await import('./idle.ts');
    const { writeOutput } = await import('./output.ts');
    done(await idle(flags, (text) => writeOutput(text, null)));
  });
}
