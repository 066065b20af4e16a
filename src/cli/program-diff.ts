import { type Command, Option } from 'commander';
import { parseIncrease } from '../config/amount.ts';
import { UsageError } from '../errors.ts';
import { type DiffFormat, diffFormats } from '../render/diff/formats.ts';
import type { DiffFlags } from './diff.ts';
import type { Done } from './program.ts';
import { examples, newCommand } from './program-kit.ts';
import { addLogOptions, addPriceOptions, collect } from './program-options.ts';

/** `diff`: what a later run cost against an earlier one, beyond the noise of both. */
export function addDiff(program: Command, done: Done): void {
  const command = newCommand(
    program,
    'diff',
    'what changed between two runs, beyond their noise: cost of a step, states, findings',
  )
    .argument('<before>', 'a report as JSON, a session, a log or a folder of them, - for stdin')
    .argument('<after>', 'the same of the later run')
    .addHelpText(
      'after',
      examples([
        ['gpucost diff before.json after.json', 'two reports'],
        ['gpucost diff 20261122-0801 20261123-0801', 'two stored sessions'],
        [
          'gpucost diff main.json - --fail-on-regression 10% < run.json',
          'exit code 1 if a step certainly cost over 10 % more',
        ],
        ['gpucost diff main.json run.json -o diff.json -o diff.md', 'both files'],
        ['gpucost diff a.csv b.csv --machine gcp/a2-highgpu-1g', 'two logs, priced'],
      ]),
    );
  command.optionsGroup('Gate (exit code 1):');
  command
    .option(
      '--fail-on-regression <percent>',
      'fail if one step (else: an effective GPU-hour) beyond doubt cost so much more, such as 10%',
      (text) => parseIncrease(text, '--fail-on-regression'),
    )
    .option('--strict', 'fail too where that could not be judged, for want of evidence');
  addPriceOptions(command);
  command.optionsGroup('Sources:');
  addLogOptions(command);
  command.optionsGroup('Output:');
  command
    .addOption(
      new Option('--format <format>', 'format on stdout')
        .choices(diffFormats)
        .argParser(diffFormat),
    )
    .option('--json', 'the same as --format json')
    .option(
      '-o, --output <file>',
      'write to a file, its extension picks the format; repeatable',
      collect,
    )
    .option('--no-color', 'no colour (NO_COLOR and FORCE_COLOR count too)')
    .action(async (before: string, after: string, flags: DiffFlags) => {
      const { diff } = await import('./diff.ts');
      done(await diff(before, after, flags));
    });
}

function diffFormat(text: string): DiffFormat {
  const format = diffFormats.find((one) => one === text);
  if (format !== undefined) return format;
  throw new UsageError(
    text === 'focus'
      ? '--format focus: FOCUS rows are the charges of one bill, and a comparison has none'
      : `--format: there is no format "${text}"`,
    { hint: `Choose one of ${diffFormats.join(', ')}.` },
  );
}
