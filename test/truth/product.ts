import { Readable } from 'node:stream';
import { audit } from '../../src/audit/audit.ts';
import { openSources } from '../../src/cli/sources.ts';
import { loadRateCards } from '../../src/rates/load.ts';
import type { RateCards } from '../../src/rates/merge.ts';
import type { Report } from '../../src/report/report.ts';
import { openLog } from '../../src/store/log/open-log.ts';
import type { LogOptions } from '../../src/store/log/options.ts';
import type { Recording } from '../../src/store/recording.ts';

let cards: Promise<RateCards> | null = null;

/** Epoch milliseconds; null is open. */
export interface Window {
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
}

/** The report on recordings, by the line that `gpucost report` runs, with no project file. Throws where a rule did. */
export async function reportOn(
  recordings: readonly Recording[],
  window: Window = { sinceMs: null, untilMs: null },
): Promise<Report> {
  cards ??= loadRateCards();
  const { report, failedRules } = await audit(recordings, {
    version: 'truth',
    nowMs: Date.UTC(2026, 0, 1),
    cards: await cards,
    machine: null,
    machineBy: 'flag',
    region: null,
    purchase: null,
    discounts: [],
    exchange: [],
    billedFrom: { from: 'start' },
    thresholds: {},
    ...window,
    by: null,
    withSeries: false,
  });
  const [failed] = failedRules;
  if (failed !== undefined) throw new Error(`${failed.rule} failed`, { cause: failed.error });
  return report;
}

/** The report on what `gpucost report PATH` would read. */
export async function reportOnPath(path: string, log: LogOptions = {}): Promise<Report> {
  return reportOn(await openSources([path], log, {}));
}

export async function reportOnLog(text: string, log: LogOptions = {}): Promise<Report> {
  const stream = Readable.from([Buffer.from(text)]);
  return reportOn([await openLog({ name: 'truth.csv', stream }, log)]);
}
