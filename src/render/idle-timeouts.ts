import type { IdleTimeouts, Report } from '../report/report.ts';
import { accounts } from './accounts.ts';
import { duration, gpuTime, moneyFormat } from './format.ts';
import { plain } from './text.ts';

/** One tried time-out in words, the same in every format. */
export interface TimeoutRow {
  readonly after: string;
  readonly stops: string;
  readonly hours: string;
  /** Null where no machine of the report has a price. */
  readonly money: string | null;
  readonly work: string;
  readonly isKnee: boolean;
}

/** The rows of one machine's back-test; empty where stopping saves nothing (a commitment). */
export function timeoutRows(tried: IdleTimeouts, report: Report): readonly TimeoutRow[] {
  if (tried.chargedAlways) return [];
  const { unit } = accounts(report);
  const currency = currencyOf(tried, report);
  const most = Math.max(...tried.rows.map(({ saved }) => saved.cost ?? 0));
  return tried.rows.map(({ afterSeconds, stops, saved, endedWork, restarts }) => ({
    after: duration(afterSeconds * 1000),
    stops: String(stops),
    hours: `${gpuTime(saved.gpuHours, unit)} ${unit.name}`,
    money:
      currency === null || saved.cost === null
        ? null
        : moneyFormat(currency, most).text(saved.cost),
    work:
      endedWork > 0
        ? `ended ${count(endedWork, 'process', 'processes')} that worked again`
        : restarts > 0
          ? `ended no work, ${count(restarts, 'start', 'starts')} again`
          : 'ended no work',
    isKnee: afterSeconds === tried.kneeSeconds,
  }));
}

function currencyOf(tried: IdleTimeouts, report: Report): string | null {
  return report.machines.find(({ id }) => id === tried.machine)?.rate?.currency ?? null;
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** What was tried, and on what. */
export function timeoutSentence(tried: IdleTimeouts): string {
  const spells = `${count(tried.spells, 'spell', 'spells')} of 5 min and more with every GPU idle, the longest ${duration(Math.round(tried.longestSeconds) * 1000)}`;
  return tried.chargedAlways
    ? `${spells}; the machine is charged whether it runs or not, so stopping it saves nothing`
    : spells;
}

/** Which actions end the bill at this provider, and which don't; null where the card does not say. */
export function endingSentence({ ending }: IdleTimeouts): string | null {
  if (ending.length === 0) return null;
  const named = (compute: 'ends' | 'continues') =>
    ending
      .filter((way) => way.compute === compute)
      .map(({ action, keeps, note }) => {
        const more = [
          ...(keeps.length === 0 ? [] : [`${keeps.join(' and ')} stay charged`]),
          ...(note === null ? [] : [note]),
        ];
        return plain(more.length === 0 ? action : `${action} (${more.join('; ')})`);
      });
  const ends = named('ends');
  const goesOn = named('continues');
  return [
    ...(ends.length === 0 ? [] : [`What ends the bill: ${ends.join('; ')}.`]),
    ...(goesOn.length === 0 ? [] : [`What does not: ${goesOn.join('; ')}.`]),
  ].join(' ');
}
