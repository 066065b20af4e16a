import { Argument, Command } from 'commander';
import type { PriceFlags, ReportFlags, WatchFlags } from '../config/flags.ts';
import { UsageError } from '../errors.ts';
import type { DemoFlags } from './demo.ts';
import { resultStream } from './output.ts';
import { addComment } from './program-comment.ts';
import { addDiff } from './program-diff.ts';
import { addIdle } from './program-idle.ts';
import { examples, newCommand, refuseKindly } from './program-kit.ts';
import {
  addGateOptions,
  addIdleOptions,
  addInvoiceOptions,
  addMachineOptions,
  addOutputOptions,
  addPriceOptions,
  addSamplingOptions,
  addSourceOptions,
} from './program-options.ts';
import { addRates } from './program-rates.ts';
import { addSessions } from './program-stored.ts';
import { addWhatif } from './program-whatif.ts';
import { renderOptionsFor } from './terminal.ts';
import { readVersion } from './version.ts';

/** Takes the exit code of the command that ran. */
export type Done = (exitCode: number) => void;

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
    .configureOutput({
      writeOut: (text) => resultStream().write(text),
      outputError: () => undefined,
    })
    .addHelpText(
      'after',
      examples([
        ['gpucost watch', 'sample this host until Ctrl-C, then report'],
        ['gpucost watch -- python train.py', 'sample while a command runs'],
        ['gpucost report gpu.log --machine aws/p5.48xlarge', 'report on an nvidia-smi CSV log'],
        ['gpucost demo', 'see it without a GPU'],
      ]),
    );
  refuseKindly(program, 'gpucost');

  program.commandsGroup('Measure:');
  addWatch(program, args, done);
  addReport(program, done);
  addDemo(program, done);
  addComment(program, done);
  addIdle(program, done);
  program.commandsGroup('Understand:');
  addDiff(program, done);
  addWhatif(program, done);
  addExplain(program, done);
  addDoctor(program, done);
  program.commandsGroup('Manage:');
  addRates(program, done);
  addSessions(program, done);
  addSchema(program, done);
  addCompletion(program, done);
  return program;
}

function addWatch(program: Command, args: readonly string[], done: Done): void {
  const command = newCommand(program, 'watch', 'sample the GPUs of this host, then report')
    .usage('[options] [-- command …]')
    .argument('[command...]', 'a command to run meanwhile, after --')
    .addHelpText(
      'after',
      examples([
        ['gpucost watch -d 15m', 'a quarter of an hour'],
        ['gpucost watch -o report.md -- python train.py', "a run; the exit code is the command's"],
        [
          'gpucost watch --progress auto -- python train.py',
          'with the cost of a step and of the whole run',
        ],
        ['gpucost watch --json | jq -c .kind', "the session's lines as they come"],
        [
          "gpucost watch --idle-after 30m --on-idle 'sudo poweroff'",
          'an end to forgotten machines',
        ],
      ]),
    );
  addIdleOptions(addPriceOptions(addSamplingOptions(command)));
  addOutputOptions(command, "stream the session's lines to stdout as they come").action(
    async (words: readonly string[], flags: WatchFlags) => {
      const { watch } = await import('./watch.ts');
      done(await watch(wrappedCommand(words, args), flags));
    },
  );
}

/** The words after `--`; a word before it is an error rather than a command that is run by surprise. */
function wrappedCommand(words: readonly string[], args: readonly string[]): readonly string[] {
  const dashes = args.indexOf('--');
  const behind = dashes < 0 ? [] : args.slice(dashes + 1);
  const before = words.slice(0, words.length - behind.length);
  if (before.length === 0) return behind;
  throw new UsageError(`watch takes no argument, got "${before.join(' ')}"`, {
    hint: `To run a command while watching: gpucost watch -- ${[...before, ...behind].join(' ')}`,
  });
}

function addReport(program: Command, done: Done): void {
  const command = newCommand(program, 'report', 'report on stored sessions and nvidia-smi CSV logs')
    .argument(
      '[source...]',
      'session ids, session or log files, folders, - for stdin; default: the latest session',
    )
    .addHelpText(
      'after',
      examples([
        ['gpucost report', 'the latest session'],
        ['gpucost report gpu.csv.gz --machine gcp/a2-highgpu-1g', 'a log, priced'],
        ['gpucost report --since 2h --max-waste 40%', 'exit code 1 if more was wasted'],
        ['gpucost report -o report.json -o report.md', 'both files'],
        ['gpucost report --invoice focus.csv.gz', 'the estimate beside what was charged'],
      ]),
    );
  addInvoiceOptions(addPriceOptions(addSourceOptions(command)));
  addGateOptions(addOutputOptions(command, 'the same as --format json')).action(
    async (sources: readonly string[], flags: ReportFlags) => {
      const { report } = await import('./report.ts');
      done(await report(sources, flags));
    },
  );
}

function addDemo(program: Command, done: Done): void {
  const command = newCommand(program, 'demo', 'watch for 30 s; without a GPU, replay a recording');
  addOutputOptions(addPriceOptions(command), 'the same as --format json').action(
    async (flags: DemoFlags) => {
      const { demo } = await import('./demo.ts');
      done(await demo(flags));
    },
  );
}

function addDoctor(program: Command, done: Done): void {
  addMachineOptions(
    newCommand(program, 'doctor', 'what this host offers; exit code 1 if something is broken'),
  )
    .option('--json', 'as JSON')
    .option('--no-color', 'no colour')
    .action(async (flags: PriceFlags & { readonly json?: boolean; readonly color: boolean }) => {
      const { doctor } = await import('./doctor.ts');
      const { writeOutput } = await import('./output.ts');
      const choice = { color: flags.color, verbose: false };
      const options = renderOptionsFor(resultStream(), process.env, choice);
      done(await doctor({ ...flags, ...options }, (text) => writeOutput(text, null)));
    });
}

function addExplain(program: Command, done: Done): void {
  newCommand(program, 'explain', 'what a finding means, its thresholds and why')
    .argument('[rule]', 'its id; none lists them all')
    .addHelpText('after', examples([['gpucost explain io-bound', 'one rule']]))
    .action(async (rule: string | undefined) => {
      const { explain } = await import('./explain.ts');
      const { writeOutput } = await import('./output.ts');
      const width = resultStream().columns ?? 100;
      done(await explain(rule, { width }, (text) => writeOutput(text, null)));
    });
}

function addSchema(program: Command, done: Done): void {
  newCommand(
    program,
    'schema',
    'print a JSON Schema: of the report, rate cards, session lines, whatif or diff',
  )
    .addArgument(oneOf('<what>', ['report', 'rates', 'session', 'whatif', 'diff']))
    .action(async (what: string) => {
      const { schema } = await import('./schema.ts');
      done(await schema(what));
    });
}

function addCompletion(program: Command, done: Done): void {
  newCommand(program, 'completion', 'print a completion script for bash, zsh or fish')
    .addArgument(oneOf('<shell>', ['bash', 'zsh', 'fish']))
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
}

/** An argument whose words shells complete; the command itself says what is wrong with another one. */
function oneOf(name: string, words: string[]): Argument {
  const argument = new Argument(name, 'which one');
  argument.argChoices = words;
  return argument;
}
