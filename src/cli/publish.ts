import { type AuditOptions, audit } from '../audit/audit.ts';
import type { AuditSettings, OutputSettings } from '../config/options.ts';
import { UsageError } from '../errors.ts';
import type { RateCards } from '../rates/merge.ts';
import { checkFocus } from '../render/focus/render.ts';
import { renderers } from '../render/index.ts';
import { gateText } from '../render/sentences.ts';
import { judgeGates } from '../report/gates.ts';
import type { Report } from '../report/report.ts';
import { suppress } from '../report/suppress.ts';
import type { Recording } from '../store/recording.ts';
import { now } from './clock.ts';
import { writeOutput } from './output.ts';
import { type InvoiceSource, reconcileInvoice } from './reconcile-invoice.ts';
import { say } from './stderr.ts';
import { renderOptionsFor } from './terminal.ts';
import { readVersion } from './version.ts';

/** What only `report` offers beside the settings. */
export type AuditWindow = Pick<AuditOptions, 'sinceMs' | 'untilMs' | 'by' | 'withSeries'>;

export const wholeWindow: AuditWindow = {
  sinceMs: null,
  untilMs: null,
  by: null,
  withSeries: false,
};

/**
 * Audits recordings, judges the gates, and writes the report to each target; `fallback` is where a target
 * without a path goes, and `invoice` is what the estimate is set beside. Returns 1 if a gate failed, else 0.
 */
export async function publish(
  recordings: readonly Recording[],
  cards: RateCards,
  settings: AuditSettings,
  window: AuditWindow,
  output: OutputSettings,
  fallback: 'stdout' | 'stderr' = 'stdout',
  invoice: InvoiceSource | null = null,
): Promise<number> {
  const { report, estimates, together, failedRules } = await audit(recordings, {
    version: readVersion(),
    nowMs: now(),
    cards,
    machine: settings.machine,
    machineBy: settings.machineBy,
    region: settings.region,
    purchase: settings.purchase,
    discounts: settings.discounts,
    exchange: settings.exchange,
    billedFrom: settings.billedFrom,
    thresholds: settings.thresholds,
    ...window,
    // The page draws its timelines from the series, the table what each GPU did over time.
    withSeries:
      window.withSeries ||
      output.targets.some(({ format }) => format === 'html' || format === 'table'),
  });
  const known = invoice === null ? report : await reconcileInvoice(report, estimates, invoice);
  const accepted = suppress(known, settings.suppressions);
  const judged = withGates(
    accepted.findings.length === known.findings.length
      ? accepted
      : { ...accepted, recoverable: together(accepted.findings) },
    settings,
  );
  if (output.targets.some(({ format }) => format === 'focus')) {
    checkFocus(judged, settings.focus);
    if (!output.quiet) {
      say(
        'gpucost: the FOCUS file is an estimate: loaded beside the real invoice it counts the machine twice (filter on x_Estimated).',
      );
    }
  }
  for (const { path, format } of output.targets) {
    const toStderr = path === null && fallback === 'stderr';
    const stream = toStderr ? process.stderr : process.stdout;
    const choice = { color: output.color && path === null, verbose: output.verbose };
    const shown = format === 'json' && !window.withSeries ? withoutSeries(judged) : judged;
    const text = renderers[format](shown, {
      ...renderOptionsFor(stream, process.env, choice),
      focus: settings.focus,
    });
    if (toStderr) say(text.trimEnd());
    else await writeOutput(text, path);
  }
  const [failed] = failedRules;
  if (failed !== undefined) {
    throw new Error(`the rule ${failed.rule} failed`, { cause: failed.error });
  }
  const broken = judged.gates.filter(({ result }) => result === 'fail');
  // A pipeline's log must say why it stopped, also where the report went to files.
  for (const gate of broken) say(`gpucost: ${gateText(gate, judged)}`);
  return broken.length > 0 ? 1 : 0;
}

/** JSON holds time series only where they were asked for, whatever else is written beside it. */
function withoutSeries(report: Report): Report {
  const { series, ...rest } = report;
  return series === undefined ? report : rest;
}

function withGates(report: Report, settings: AuditSettings): Report {
  if (settings.gates.maxCost !== null && report.cost === null) {
    throw new UsageError(
      'the gate max-cost (--max-cost, or budgets of the project file) needs a cost, and there is no rate for it',
      {
        hint: 'Pass --machine provider/type or --rates FILE.',
      },
    );
  }
  return { ...report, gates: judgeGates(report, settings.gates) };
}
