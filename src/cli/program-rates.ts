import { isatty } from 'node:tty';
import { type Command, Option } from 'commander';
import { parseMoney } from '../config/amount.ts';
import type { PriceFlags } from '../config/flags.ts';
import { writeOutput } from './output.ts';
import type { Done } from './program.ts';
import { examples, newCommand } from './program-kit.ts';
import { addMachineOptions, addRatesOption } from './program-options.ts';
import type { RatesImportOptions, RatesListOptions } from './rates.ts';
import { say } from './stderr.ts';

const toStdout = (text: string): Promise<void> => writeOutput(text, null);

/** `rates list|show|check|detect|import`. */
export function addRates(program: Command, done: Done): void {
  const rates = newCommand(program, 'rates', 'prices: list, show, check, detect, import');
  addList(rates, done);

  addRatesOption(newCommand(rates, 'show', 'all that the cards say of one machine type'))
    .argument('<type>', '[provider/]type, such as aws/p5.48xlarge')
    .option('--json', 'as JSON')
    .action(async (type: string, flags: ShowFlags) => {
      const { ratesShow } = await import('./rates.ts');
      done(await ratesShow(type, { ...flags, nowMs: Date.now(), isTerminal: isatty(1) }, toStdout));
    });

  newCommand(rates, 'check', 'check rate cards of your own (YAML)')
    .argument('<file...>', 'rate cards')
    .action(async (files: readonly string[]) => {
      const { ratesCheck } = await import('./rates.ts');
      done(await ratesCheck(files, { nowMs: Date.now() }, toStdout));
    });

  addMachineOptions(
    newCommand(rates, 'detect', 'which machine this is, how that is known, and its price'),
  )
    .option('--json', 'as JSON')
    .action(async (flags: PriceFlags & { readonly json?: boolean }) => {
      const { ratesDetect } = await import('./detect.ts');
      done(await ratesDetect(flags, toStdout));
    });
  addImport(rates, done);
}

interface ImportFlags extends Omit<RatesImportOptions, 'nowMs' | 'isNetworkAllowed'> {
  readonly network: boolean;
  readonly output?: string;
}

function addImport(rates: Command, done: Done): void {
  addRatesOption(newCommand(rates, 'import', 'make a rate card of a price list'))
    .argument('<source>', 'file or https address')
    .addOption(
      new Option('--from <format>', 'what the source is')
        .choices(['skypilot', 'azure-retail', 'aws-pricelist', 'csv'])
        .makeOptionMandatory(),
    )
    .option('--provider <name>', 'whose prices they are, where the source does not say')
    .option('--currency <code>', 'ISO 4217, where the source does not say')
    .option('--as-of <date>', 'the day on which they held, where the source does not say')
    .addOption(
      new Option('--spot <which>', "of several zones' spot prices").choices(['median', 'min']),
    )
    .option(
      '--columns <names>',
      'csv: its column for each of ours, such as type=armSkuName',
      (text) => text.split(',').map((name) => name.trim()),
    )
    .option('--no-network', 'files only')
    .option('-o, --output <file>', 'write the card to a file instead of stdout')
    .addHelpText(
      'after',
      examples([
        ['gpucost rates import vms.csv --from skypilot --provider lambda -o lambda.yaml', ''],
      ]),
    )
    .action(async (source: string, { network, output, ...flags }: ImportFlags) => {
      const { ratesImport } = await import('./rates.ts');
      const options = { ...flags, nowMs: Date.now(), isNetworkAllowed: network };
      const write = (text: string): Promise<void> => writeOutput(text, output ?? null);
      done(await ratesImport(source, options, write, say));
    });
}

type ShowFlags = Pick<RatesListOptions, 'rates' | 'json'>;

function addList(rates: Command, done: Done): void {
  addRatesOption(newCommand(rates, 'list', 'prices of machines, cheapest first'))
    .option('--provider <name>', 'of one provider')
    .option('--gpu <name>', 'with this GPU: H100, or a whole name such as A100-SXM4-80GB')
    .option('--purchase <kind>', 'on-demand, spot, reserved, …')
    .option('--region <name>', "in a region, or all; default: the card's usual one")
    .option('--max-price <amount>', 'at most this an hour for the machine', (text) =>
      parseMoney(text, '--max-price'),
    )
    .option('--max-gpu-price <amount>', 'at most this per GPU-hour', (text) =>
      parseMoney(text, '--max-gpu-price'),
    )
    .addOption(
      new Option('--sort <by>', 'price per GPU-hour, per dense FP16 TFLOP, per GB, or per hour')
        .choices(['gpu-hour', 'tflop', 'gb', 'hour'])
        .default('gpu-hour'),
    )
    .option('--all', 'all rows instead of the first 40')
    .option('--json', 'as JSON, all rows')
    .addHelpText(
      'after',
      examples([
        ['gpucost rates list --gpu H100', 'who sells H100, cheapest first'],
        ['gpucost rates list --provider aws --purchase spot', 'spot prices of AWS'],
      ]),
    )
    .action(async (flags: Omit<RatesListOptions, 'nowMs'>) => {
      const { ratesList } = await import('./rates.ts');
      done(await ratesList({ ...flags, nowMs: Date.now(), isTerminal: isatty(1) }, toStdout));
    });
}
