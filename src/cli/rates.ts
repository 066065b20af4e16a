import { UsageError } from '../errors.ts';
import { builtInGpus } from '../rates/built-in.ts';
import { checkNotes } from '../rates/check-notes.ts';
import { findMachine } from '../rates/find-machine.ts';
import { findGpuKey, gpuByKey } from '../rates/gpus.ts';
import type { ImportFormat } from '../rates/import/options.ts';
import { loadRateCards } from '../rates/load.ts';
import { listOffers, type OfferFilter, type OfferSort } from '../rates/offers.ts';
import { checkPurchase } from '../rates/purchases.ts';
import { readCard } from '../rates/read-card.ts';
import { machineText, offersText } from './rates-text.ts';

type Write = (text: string) => Promise<void>;

interface RatesOptions {
  /** Rate cards laid over the built-in ones. */
  readonly rates?: readonly string[];
  readonly json?: boolean;
  /** Epoch milliseconds from which ages are told. */
  readonly nowMs: number;
  /** Names are cut to the columns of a terminal; programs get them whole. */
  readonly isTerminal?: boolean;
}

export interface RatesListOptions extends RatesOptions, OfferFilter {
  readonly sort?: OfferSort;
  /** All rows instead of the first 40. */
  readonly all?: boolean;
}

const rowsShown = 40;

/** `gpucost rates list`: prices by filter, cheapest first. Throws UsageError for an unknown provider or a wrong card. */
export async function ratesList(options: RatesListOptions, write: Write): Promise<number> {
  const cards = await loadRateCards(options.rates);
  const { provider } = options;
  if (provider !== undefined && !cards.has(provider.toLowerCase())) {
    throw new UsageError(`no rate card for the provider "${provider}"`, {
      hint: `Known providers: ${[...cards.keys()].toSorted().join(', ')}.`,
    });
  }
  if (options.purchase !== undefined) checkPurchase(cards, options.purchase);
  const sort = options.sort ?? 'gpu-hour';
  // A whole name means that GPU alone: L4 is not L40.
  const exact = options.gpu === undefined ? null : findGpuKey(options.gpu);
  const filter = exact === null ? options : { ...options, gpu: exact, gpuIsKey: true };
  const offers = listOffers(cards, filter, sort, { nowMs: options.nowMs, gpu: gpuByKey });
  await write(
    options.json === true
      ? `${JSON.stringify(offers, null, 2)}\n`
      : offersText(
          offers,
          sort,
          options.all === true ? offers.length : rowsShown,
          options.isTerminal ?? false,
        ),
  );
  return 0;
}

/** `gpucost rates show TYPE`: all that the cards say of one machine. Throws UsageError for an unknown type. */
export async function ratesShow(
  type: string,
  options: RatesOptions,
  write: Write,
): Promise<number> {
  const cards = await loadRateCards(options.rates);
  const found = findMachine(cards, { type });
  const only = new Map([
    [
      found.card.provider,
      { ...found.card, machines: new Map([[type, found.machine]]), accelerators: new Map() },
    ],
  ]);
  const offers = listOffers(only, { region: 'all' }, 'hour', {
    nowMs: options.nowMs,
    gpu: gpuByKey,
  });
  await write(
    options.json === true
      ? `${JSON.stringify(offers, null, 2)}\n`
      : machineText(found, offers, options.isTerminal ?? false),
  );
  return 0;
}

/** `gpucost rates check FILE…`: throws UsageError with every problem of every file, else says what each holds. */
export async function ratesCheck(
  paths: readonly string[],
  options: Pick<RatesOptions, 'nowMs'>,
  write: Write,
): Promise<number> {
  const failures: string[] = [];
  for (const path of paths) {
    try {
      const card = await readCard(path);
      const notes = checkNotes(card, builtInGpus(), options.nowMs).map(
        (note) => `${path}: ${note}\n`,
      );
      const machines = Object.values(card.machines);
      const prices = machines.reduce((sum, machine) => sum + (machine.prices?.length ?? 0), 0);
      await write(
        `${path}: ok: ${card.provider}, ${machines.length} machines, ${prices} prices\n${notes.join('')}`,
      );
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      failures.push(error.message);
    }
  }
  if (failures.length > 0) throw new UsageError(failures.join('\n'));
  return 0;
}

export interface RatesImportOptions extends Omit<RatesOptions, 'json'> {
  readonly from: ImportFormat;
  readonly provider?: string;
  readonly currency?: string;
  readonly asOf?: string;
  readonly spot?: 'median' | 'min';
  readonly columns?: readonly string[];
  readonly isNetworkAllowed: boolean;
}

/**
 * `gpucost rates import`: writes a rate card made of a price list, and says what was taken and dropped.
 * Throws UsageError for a source that can't be read or holds no price of a GPU machine.
 */
export async function ratesImport(
  source: string,
  options: RatesImportOptions,
  write: Write,
  say: (text: string) => void,
): Promise<number> {
  const { importRates } = await import('../rates/import/import-rates.ts');
  const { from: format, nowMs, rates, ...rest } = options;
  const cards = await loadRateCards(rates);
  const today = new Date(nowMs).toISOString().slice(0, 10);
  const { card, tally } = await importRates({ ...rest, format, source, cards }, today);
  await write(card);
  say(tally.summary());
  return 0;
}
