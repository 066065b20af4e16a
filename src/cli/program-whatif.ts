import { type Command, Option } from 'commander';
import { parseCount } from '../config/amount.ts';
import { parseDuration } from '../config/duration.ts';
import { parseInstant } from '../config/instant.ts';
import { whatifFormats } from '../render/whatif-formats.ts';
import { dtypes } from '../whatif/dtypes.ts';
import type { Done } from './program.ts';
import { examples, newCommand } from './program-kit.ts';
import { addRatesOption } from './program-options.ts';
import type { WhatifFlags } from './whatif.ts';

/** `whatif`: which other machines would carry recorded work, how fast and for how much. */
export function addWhatif(program: Command, done: Done): void {
  const command = newCommand(
    program,
    'whatif',
    'what the same work would take and cost on other machines',
  )
    .argument(
      '[source...]',
      'session ids, session or log files, folders, - for stdin; default: the latest session',
    )
    .addHelpText(
      'after',
      examples([
        ['gpucost whatif', 'which machines would carry it, the cheapest for the same work first'],
        ['gpucost whatif --machine aws/g6.xlarge', 'one of them'],
        ['gpucost whatif --mig 3g.40gb', 'a slice of the same GPU'],
        ['gpucost whatif --gpus 4', 'fewer GPUs of the same machine'],
        ['gpucost whatif --purchase spot', 'the same machine as spot'],
        ['gpucost whatif gpu.csv --current gcp/a2-highgpu-1g', 'a log, whose machine is named'],
      ]),
    );
  command.optionsGroup('What if:');
  command
    .option('--machine <type>', 'another machine, as [provider/]TYPE')
    .option('--mig <profile>', 'a MIG profile of its GPU, such as 3g.40gb')
    .option('--gpus <count>', 'so many GPUs (or slices) at work', (text) =>
      parseCount(text, '--gpus'),
    )
    .option('--purchase <kind>', 'bought another way: spot, on-demand, reserved, …')
    .option('--provider <name>', 'only machines of this provider')
    .addOption(
      new Option(
        '--dtype <format>',
        "the work's number format: narrows the range, which covers fp32, tf32 and fp16",
      ).choices([...dtypes]),
    );
  command.optionsGroup('Price:');
  addRatesOption(
    command.option('--current <type>', 'the machine that was recorded, as [provider/]TYPE'),
  ).option('--region <name>', "the provider's region");
  command.optionsGroup('Sources:');
  command
    .option(
      '--since <time>',
      'from this time on: 2026-11-22T08:00Z, 2026-11-22, or 2h (ago)',
      (t) => parseInstant(t, '--since', Date.now()),
    )
    .option('--until <time>', 'up to this time', (t) => parseInstant(t, '--until', Date.now()))
    .option('--fields <names>', 'columns of a log without header, as --query-gpu names', (text) =>
      text.split(',').map((name) => name.trim()),
    )
    .option('--interval <duration>', 'time between rows of a log without timestamps', (text) =>
      parseDuration(text, '--interval'),
    )
    .option(
      '--time-zone <zone>',
      "zone of a log's timestamps: UTC (default), +02:00, Europe/Berlin",
    );
  command.optionsGroup('Output:');
  command
    .addOption(new Option('--format <format>', 'format on stdout').choices([...whatifFormats]))
    .option('--json', 'the same as --format json')
    .option('-o, --output <file>', 'write to a file: .json, .md, else as a table')
    .option('--no-color', 'no colour (NO_COLOR and FORCE_COLOR count too)')
    .option('-v, --verbose', 'every machine of the cards, not only the first ten')
    .action(async (sources: readonly string[], flags: WhatifFlags) => {
      const { whatif } = await import('./whatif.ts');
      done(await whatif(sources, flags));
    });
}
