import { withEnergy } from '../bill/energy.ts';
import { billMachine } from '../bill/machine-bill.ts';
import { priceChanges } from '../bill/price-periods.ts';
import type { BilledFrom } from '../bill/runs.ts';
import { UsageError } from '../errors.ts';
import { findGpu } from '../rates/gpus.ts';
import { type AuditedMachine, buildReport, recoverableTogether } from '../report/build.ts';
import type { GroupBy } from '../report/groups.ts';
import type { Report, ReportFinding } from '../report/report.ts';
import { rules } from '../rules/index.ts';
import { judge, type ThresholdOverrides } from '../rules/run.ts';
import type { Recording } from '../store/recording.ts';
import { nameCarriers } from '../whatif/name-carriers.ts';
import { billedRuns } from './billed-runs.ts';
import { type CollectedMachine, collect } from './collect.ts';
import { estimateOf, type MachineEstimate } from './estimate.ts';
import { hardwareNotes } from './hardware-notes.ts';
import { closeMachine } from './machine-usage.ts';
import { hiddenCount, type PricingOptions, rateOf, typeOf, type Warnings } from './pricing.ts';
import { xidNotes } from './xid-notes.ts';

export interface AuditOptions extends PricingOptions {
  readonly version: string;
  /** The window asked for, epoch milliseconds; null is open. */
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
  readonly billedFrom: BilledFrom;
  readonly thresholds: ThresholdOverrides;
  readonly by: GroupBy | null;
  readonly withSeries: boolean;
}

export interface Audit {
  readonly report: Report;
  /** Each machine's bill, exact, to hold an invoice against. */
  readonly estimates: readonly MachineEstimate[];
  /** What the report was made of, for other questions about the same recordings. */
  readonly machines: readonly AuditedMachine[];
  /** What the first of these findings of the report could win back together: for a report that lists fewer of them. */
  readonly together: (findings: readonly ReportFinding[]) => Report['recoverable'];
  /** Rules that threw: bugs of ours; the rest of the report stands. */
  readonly failedRules: readonly { readonly rule: string; readonly error: unknown }[];
}

/**
 * The whole line from recordings to the report: classify, account, price, judge.
 * Throws a UsageError where nothing was sampled in the window, or the machine type is on no card.
 */
export async function audit(
  recordings: readonly Recording[],
  options: AuditOptions,
): Promise<Audit> {
  const timeMs = options.billedFrom.from === 'time' ? options.billedFrom.timeMs : -Infinity;
  const window = {
    startMs: Math.max(options.sinceMs ?? -Infinity, timeMs),
    endMs: options.untilMs ?? Infinity,
  };
  const collected = await collect(recordings, window);
  const warnings: Warnings = [];
  const failedRules: { rule: string; error: unknown }[] = [];
  const machines = collected.flatMap((machine, i) => {
    const audited = auditMachine(`m${i + 1}`, machine, options, warnings);
    if (!audited) return [];
    failedRules.push(...audited.failed);
    return [audited.machine];
  });
  if (machines.length === 0) throw nothingSampled(recordings, collected, options);
  const report = buildReport(machines, {
    version: options.version,
    generatedAtMs: options.nowMs,
    warnings: unique(warnings),
    by: options.by,
    withSeries: options.withSeries,
  });
  return {
    report,
    machines,
    estimates: machines.map(estimateOf),
    together: (findings) => recoverableTogether(machines, findings),
    failedRules,
  };
}

function auditMachine(
  id: string,
  machine: CollectedMachine,
  options: AuditOptions,
  warnings: Warnings,
): { machine: AuditedMachine; failed: readonly { rule: string; error: unknown }[] } | null {
  const { facts } = machine;
  warnings.push(...machine.warnings);
  // What is billed depends on the price's terms, and the prices on what is billed.
  const terms = rateOf(machine, options, []);
  const { runs, notes } = billedRuns(machine, terms, options.billedFrom, options.sinceMs);
  const listed = rateOf(machine, options, warnings, runs);
  warnings.push(...notes);
  if (runs.length === 0 || machine.gpus.length === 0) return null;

  const hiddenGpus = hiddenCount(machine, listed, warnings);
  const usage = closeMachine(
    id,
    machine,
    {
      runs,
      watched: machine.watched,
      chargedAlways: listed?.charged === 'always',
      cuts: machine.cuts,
    },
    hiddenGpus,
    ({ identity }) => findGpu(identity.name ?? '', identity.memoryTotalMib),
    options.by !== null && options.by !== 'gpu' && options.by !== 'host',
  );
  const rate = listed && withEnergy(listed, usage.gpus, hiddenGpus);
  warnings.push(...(rate?.warnings.slice(listed?.warnings.length) ?? []));
  if (rate) warnings.push(...priceChanges(rate, runs[0]?.startMs ?? -Infinity));
  if (usage.memoryUnknown.length > 0) {
    warnings.push({
      code: 'memory-unknown',
      message:
        'The recording has no memory readings: idle time counts as held, since it cannot be told from empty. Sample memory.used to tell.',
    });
  }
  if (usage.dropped > 0) {
    warnings.push({
      code: 'duplicate-time',
      message: `${usage.dropped} readings lie in time that was already accounted for (a clock set back, or a log held twice): left out, so that no time counts twice.`,
    });
  }
  const told = new Set(machine.warnings.map(({ code }) => code));
  warnings.push(...xidNotes(machine.xids, usage.gpus));
  warnings.push(...hardwareNotes(usage.gpus).filter(({ code }) => !told.has(code)));
  const judgement = judge(
    usage,
    ({ identity }) => ({
      spec: findGpu(identity.name ?? '', identity.memoryTotalMib),
      intervalMs: machine.intervalMs,
    }),
    options.thresholds,
    rules,
  );
  const typed = typeOf(facts, options);
  return {
    failed: judgement.failed,
    machine: {
      usage,
      bill: rate && billMachine(usage, rate),
      rate,
      host: machine.host?.name ?? null,
      hostSize: machine.host,
      provider: typed.provider,
      type: typed.type,
      region: options.region ?? facts?.region ?? null,
      purchase: options.purchase ?? facts?.purchase ?? null,
      detectedBy: typed.detectedBy,
      sources: machine.recordings.map(({ recording, samples }) => ({
        kind: recording.kind,
        name: recording.name,
        samples,
      })),
      intervalMs: machine.intervalMs,
      work: machine.work,
      findings: nameCarriers(judgement.findings, usage, rate, machine.host, options),
      notJudged: judgement.notJudged,
    },
  };
}

function nothingSampled(
  recordings: readonly Recording[],
  collected: readonly CollectedMachine[],
  options: AuditOptions,
): UsageError {
  const names = recordings.map((r) => r.name).join(', ');
  const spans = collected.flatMap((m) => m.watched);
  if (spans.length === 0) {
    return new UsageError(`${names}: no GPU readings in it`, {
      hint: 'A recording holds readings once nvidia-smi has answered; `gpucost doctor` says what this host offers.',
    });
  }
  const from = new Date(Math.min(...spans.map((s) => s.startMs))).toISOString();
  const to = new Date(Math.max(...spans.map((s) => s.endMs))).toISOString();
  const since =
    options.sinceMs === null ? 'the beginning' : new Date(options.sinceMs).toISOString();
  const until = options.untilMs === null ? 'the end' : new Date(options.untilMs).toISOString();
  return new UsageError(`${names}: nothing lies between ${since} and ${until}`, {
    hint: `It was recorded from ${from} to ${to}: widen --since and --until.`,
  });
}

function unique(warnings: Warnings): Warnings {
  return [...new Map(warnings.map((w) => [`${w.code} ${w.message}`, w])).values()];
}
