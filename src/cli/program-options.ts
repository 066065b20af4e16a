import { type Command, Option } from 'commander';
import { parseCount, parseMoney, parseShare } from '../config/amount.ts';
import { parseBilledFrom } from '../config/billed-from.ts';
import { parseDuration } from '../config/duration.ts';
import { parseInstant } from '../config/instant.ts';
import { progressSource } from '../progress/source.ts';
import { focusVersions } from '../render/focus/versions.ts';
import { formats } from '../render/formats.ts';
import { liveOrders } from '../render/live-order.ts';

/** Own rate cards. */
export function addRatesOption(command: Command): Command {
  return command.option(
    '--rates <file>',
    'rate card (YAML), over the built-in ones; repeatable',
    collect,
  );
}

/** Flags that say which machine it is and what it costs. */
export function addMachineOptions(command: Command): Command {
  command.optionsGroup('Price:');
  command.option('--machine <type>', 'machine type as [provider/]TYPE, such as aws/p5.48xlarge');
  return addRatesOption(command)
    .option('--purchase <kind>', 'how it was bought: on-demand, spot, reserved, …')
    .option('--region <name>', "the provider's region")
    .option('--no-network', "never ask the provider's metadata service");
}

/** Flags that price watched time. */
export function addPriceOptions(command: Command): Command {
  return addMachineOptions(command).option(
    '--billed-from <when>',
    'billing starts at: start (of watching), boot, launch, or a time',
    (text) => parseBilledFrom(text, Date.now()),
  );
}

/** Flags that set the estimate beside what was charged. */
export function addInvoiceOptions(command: Command): Command {
  command.optionsGroup('Invoice:');
  return command
    .option(
      '--invoice <file>',
      'what was charged: a FOCUS or AWS CUR 2.0 export (CSV), next to the estimate',
    )
    .option('--resource <id>', "this machine's id on the invoice; needed where several fit");
}

/** Flags that say what is written, and where. */
export function addOutputOptions(command: Command, jsonText: string): Command {
  command.optionsGroup('Output:');
  return command
    .addOption(new Option('--format <format>', 'format on stdout').choices(formats))
    .option('--json', jsonText)
    .option(
      '-o, --output <file>',
      'write to a file, its extension picks the format; repeatable',
      collect,
    )
    .addOption(
      new Option('--focus-version <version>', 'version of --format focus').choices(focusVersions),
    )
    .option('--no-color', 'no colour (NO_COLOR and FORCE_COLOR count too)')
    .option('-q, --quiet', 'say nothing but results and errors')
    .option('-v, --verbose', 'also what was not judged, per rule and GPU');
}

/** Exit code 1 where a limit is passed. */
export function addGateOptions(command: Command): Command {
  command.optionsGroup('Gates (exit code 1):');
  return command
    .option('--max-waste <share>', 'fail above this wasted share, such as 40%', (text) =>
      parseShare(text, '--max-waste'),
    )
    .option('--min-effective <share>', 'fail below this effective share, such as 50%', (text) =>
      parseShare(text, '--min-effective'),
    )
    .option('--max-cost <amount>', 'fail above this bill, in the currency of the rate', (text) =>
      parseMoney(text, '--max-cost'),
    )
    .option('--fail-on <what>', 'fail on a severity (or worse) or a rule; repeatable', collect)
    .option('--strict', 'a gate that could not be judged, for want of evidence, fails too');
}

/** Which part of the recordings, and how to read them. */
export function addSourceOptions(command: Command): Command {
  command.optionsGroup('Sources:');
  command
    .option(
      '--since <time>',
      'from this time on: 2026-11-22T08:00Z, 2026-11-22, or 2h (ago)',
      (text) => parseInstant(text, '--since', Date.now()),
    )
    .option('--until <time>', 'up to this time', (text) =>
      parseInstant(text, '--until', Date.now()),
    )
    .addOption(
      new Option('--by <what>', 'split time and money by').choices([
        'gpu',
        'process',
        'user',
        'container',
        'job',
        'host',
      ]),
    )
    .option('--series', 'with the time series (JSON only)');
  return addLogOptions(command);
}

/** How to read logs that don't say everything. */
export function addLogOptions(command: Command): Command {
  return command
    .option('--fields <names>', 'columns of a log without header, as --query-gpu names', (text) =>
      text.split(',').map((name) => name.trim()),
    )
    .option('--interval <duration>', 'time between rows of a log without timestamps', (text) =>
      parseDuration(text, '--interval'),
    )
    .option('--gpus <count>', 'GPUs that take turns in a log without index', (text) =>
      parseCount(text, '--gpus'),
    )
    .option(
      '--time-zone <zone>',
      "zone of a log's timestamps: UTC (default), +02:00, Europe/Berlin",
    );
}

/** What is done when nobody uses the GPUs. */
export function addIdleOptions(command: Command): Command {
  command.optionsGroup('Idleness:');
  return command
    .option('--idle-after <duration>', 'idle for this long: 15m (the default), 1h', (text) =>
      parseDuration(text, '--idle-after'),
    )
    .option(
      '--on-idle <command>',
      'run once per spell in which every GPU is provably idle; it knows GPUCOST_IDLE_SECONDS, _COST, …',
    );
}

/** How the host is sampled. */
export function addSamplingOptions(command: Command): Command {
  command.optionsGroup('Sampling:');
  return command
    .addOption(
      new Option('-i, --interval <duration>', 'time between samples: 500ms, 1s, 1m')
        .argParser((text) => parseDuration(text, '--interval'))
        .default(1000, '1s'),
    )
    .option('-d, --duration <duration>', 'stop after this time: 30s, 15m, 8h', (text) =>
      parseDuration(text, '--duration'),
    )
    .addOption(
      new Option('--sort <by>', "sort the live view's GPUs by this; keys change it").choices(
        liveOrders,
      ),
    )
    .option('--gpus <list>', 'only these, by index or UUID: 0,2 or GPU-6a1b', (text) =>
      text.split(',').map((part) => part.trim()),
    )
    .option(
      '--progress <what>',
      "also read the command's progress: auto, an expression with named groups such as '(?<step>\\d+)', or a file",
      progressSource,
    );
}

/** For a flag that may be given more than once. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
