import type { BilledFrom } from '../bill/runs.ts';
import type { PriceFlags } from '../config/flags.ts';
import { auditSettings, outputSettings } from '../config/options.ts';
import { findProjectFile } from '../config/project-file.ts';
import { compareReports } from '../diff/compare.ts';
import { UsageError } from '../errors.ts';
import { loadRateCards } from '../rates/load.ts';
import type { DiffFormat } from '../render/diff/formats.ts';
import { diffRenderers } from '../render/diff/index.ts';
import { diffGateText } from '../render/diff/sentences.ts';
import type { Format } from '../render/formats.ts';
import { checkPricing } from './check-pricing.ts';
import { checkThresholds } from './check-rules.ts';
import { now } from './clock.ts';
import { readSide } from './diff-side.ts';
import { resultStream, writeOutput } from './output.ts';
import { say } from './stderr.ts';
import { renderOptionsFor } from './terminal.ts';
import { readVersion } from './version.ts';

export interface DiffFlags extends PriceFlags {
  readonly failOnRegression?: number;
  readonly strict?: boolean;
  readonly billedFrom?: BilledFrom;
  readonly fields?: readonly string[];
  readonly interval?: number;
  readonly gpus?: number;
  readonly timeZone?: string;
  readonly format?: DiffFormat;
  readonly json?: boolean;
  readonly output?: readonly string[];
  readonly color: boolean;
}

/**
 * Compares two runs. Returns 1 if the regression gate failed, or could not be judged and `--strict` is given, else 0.
 * Throws a UsageError for a file that is no report, session or log.
 */
export async function diff(before: string, after: string, flags: DiffFlags): Promise<number> {
  const { targets } = outputSettings(flags);
  const files = targets.map(({ path, format }) => ({ path, format: comparable(format, path) }));
  if (before === '-' && after === '-') throw new UsageError('stdin (-) can be read once');
  const project = await findProjectFile(process.cwd());
  if (project !== null) checkThresholds(project);
  const settings = auditSettings(flags, project);
  const { fields, interval, gpus, timeZone } = flags;
  const log = {
    ...(fields === undefined ? {} : { fields }),
    ...(interval === undefined ? {} : { intervalMs: interval }),
    ...(gpus === undefined ? {} : { gpuCount: gpus }),
    ...(timeZone === undefined ? {} : { timeZone }),
  };
  const cards = await loadRateCards(settings.ratePaths);
  checkPricing(cards, flags, project);
  const audited = { settings, log, cards };
  const compared = compareReports(await readSide(before, audited), await readSide(after, audited), {
    limit: flags.failOnRegression ?? null,
    version: readVersion(),
    nowMs: now(),
  });
  for (const { path, format } of files) {
    const options = renderOptionsFor(resultStream(), process.env, {
      color: flags.color && path === null,
      verbose: false,
    });
    await writeOutput(diffRenderers[format](compared, options), path);
  }
  const { gate } = compared;
  if (gate === null || gate.result === 'pass') return 0;
  // A pipeline's log must say why it stopped, or why it did not.
  say(`gpucost: ${diffGateText(compared) ?? ''}`);
  return gate.result === 'fail' || flags.strict === true ? 1 : 0;
}

function comparable(format: Format, path: string | null): DiffFormat {
  if (format !== 'focus') return format;
  throw new UsageError(
    `--output ${path ?? '-'}: FOCUS rows are the charges of one bill, and a comparison has none`,
    { hint: 'Use .json, .md, .html, .csv, .xml (JUnit) or .txt.' },
  );
}
