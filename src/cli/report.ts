import type { ReportFlags } from '../config/flags.ts';
import { auditSettings, outputSettings } from '../config/options.ts';
import { findProjectFile } from '../config/project-file.ts';
import { UsageError } from '../errors.ts';
import { loadRateCards } from '../rates/load.ts';
import { checkPricing } from './check-pricing.ts';
import { checkFailOn, checkThresholds } from './check-rules.ts';
import { publish } from './publish.ts';
import { openSources } from './sources.ts';

/** Reports on stored sessions and logs. Returns 1 if a gate failed, else 0. */
export async function report(sources: readonly string[], flags: ReportFlags): Promise<number> {
  const output = outputSettings(flags);
  const project = await findProjectFile(process.cwd());
  if (project !== null) checkThresholds(project);
  const settings = auditSettings(flags, project);
  checkFailOn(settings.gates.failOn.map(({ limit }) => limit));
  const { since = null, until = null } = flags;
  if (since !== null && until !== null && since >= until) {
    throw new UsageError('--since must be before --until');
  }
  const { invoice, resource = null } = flags;
  if (invoice === undefined && resource !== null) {
    throw new UsageError('--resource names a machine on an invoice, and there is none', {
      hint: 'Pass --invoice FILE with it.',
    });
  }
  const cards = await loadRateCards(settings.ratePaths);
  checkPricing(cards, flags, project);
  const recordings = await openSources(
    sources,
    {
      ...(flags.fields === undefined ? {} : { fields: flags.fields }),
      ...(flags.interval === undefined ? {} : { intervalMs: flags.interval }),
      ...(flags.gpus === undefined ? {} : { gpuCount: flags.gpus }),
      ...(flags.timeZone === undefined ? {} : { timeZone: flags.timeZone }),
    },
    process.env,
  );
  return publish(
    recordings,
    cards,
    settings,
    { sinceMs: since, untilMs: until, by: flags.by ?? null, withSeries: flags.series ?? false },
    output,
    'stdout',
    invoice === undefined ? null : { path: invoice, resource },
  );
}
