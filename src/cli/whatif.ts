import { audit } from '../audit/audit.ts';
import { auditSettings } from '../config/options.ts';
import { findProjectFile } from '../config/project-file.ts';
import { UsageError } from '../errors.ts';
import { loadRateCards } from '../rates/load.ts';
import { checkPurchase } from '../rates/purchases.ts';
import { whatifRenderers } from '../render/whatif.ts';
import type { WhatifFormat } from '../render/whatif-formats.ts';
import { buildWhatif } from '../whatif/build.ts';
import type { Dtype } from '../whatif/dtypes.ts';
import { checkPricing } from './check-pricing.ts';
import { checkThresholds } from './check-rules.ts';
import { now } from './clock.ts';
import { resultStream, writeOutput } from './output.ts';
import { openSources } from './sources.ts';
import { renderOptionsFor } from './terminal.ts';
import { readVersion } from './version.ts';

export interface WhatifFlags {
  readonly machine?: string;
  readonly current?: string;
  readonly mig?: string;
  readonly gpus?: number;
  readonly purchase?: string;
  readonly dtype?: Dtype;
  readonly provider?: string;
  readonly region?: string;
  readonly rates?: readonly string[];
  readonly since?: number;
  readonly until?: number;
  readonly fields?: readonly string[];
  readonly interval?: number;
  readonly timeZone?: string;
  readonly format?: WhatifFormat;
  readonly json?: boolean;
  readonly output?: string;
  readonly color: boolean;
  readonly verbose?: boolean;
}

/** What other machines would make of recorded work. Returns 0 also where the answer is that it can't be told. */
export async function whatif(sources: readonly string[], flags: WhatifFlags): Promise<number> {
  const project = await findProjectFile(process.cwd());
  if (project !== null) checkThresholds(project);
  const { current, region, rates } = flags;
  const settings = auditSettings(
    {
      network: false,
      ...(current === undefined ? {} : { machine: current }),
      ...(region === undefined ? {} : { region }),
      ...(rates === undefined ? {} : { rates }),
    },
    project,
  );
  const cards = await loadRateCards(settings.ratePaths);
  checkPricing(cards, current === undefined ? {} : { machine: current }, project);
  if (flags.purchase !== undefined) checkPurchase(cards, flags.purchase);
  const { provider = null } = flags;
  if (provider !== null && !cards.has(provider.toLowerCase())) {
    throw new UsageError(`no rate card for the provider "${provider}"`, {
      hint: `Known providers: ${[...cards.keys()].toSorted().join(', ')}.`,
    });
  }
  const recordings = await openSources(
    sources,
    {
      ...(flags.fields === undefined ? {} : { fields: flags.fields }),
      ...(flags.interval === undefined ? {} : { intervalMs: flags.interval }),
      ...(flags.timeZone === undefined ? {} : { timeZone: flags.timeZone }),
    },
    process.env,
  );
  const nowMs = now();
  const { machines, report } = await audit(recordings, {
    ...settings,
    version: readVersion(),
    nowMs,
    cards,
    sinceMs: flags.since ?? null,
    untilMs: flags.until ?? null,
    by: null,
    withSeries: false,
  });
  const answer = buildWhatif(
    machines,
    {
      machine: flags.machine ?? null,
      mig: flags.mig ?? null,
      gpus: flags.gpus ?? null,
      purchase: flags.purchase ?? null,
      dtype: flags.dtype ?? null,
      provider,
    },
    {
      cards,
      region: settings.region,
      discounts: settings.discounts,
      exchange: settings.exchange,
      nowMs,
    },
    { version: readVersion(), warnings: report.warnings },
  );
  const { output = null } = flags;
  const options = renderOptionsFor(resultStream(), process.env, {
    color: flags.color && output === null,
    verbose: flags.verbose ?? false,
  });
  await writeOutput(whatifRenderers[formatOf(flags)](answer, options), output);
  return 0;
}

function formatOf({ format, json, output }: WhatifFlags): WhatifFormat {
  if (json === true) return 'json';
  if (format !== undefined) return format;
  if (output?.endsWith('.json') === true) return 'json';
  return output?.endsWith('.md') === true ? 'markdown' : 'table';
}
