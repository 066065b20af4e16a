import type { MachineBill } from '../bill/bill.ts';
import { sumOfCosts } from '../bill/cost.ts';
import { numberFromMicros, numberFromNanos } from '../bill/money.ts';
import type { MachineRate } from '../bill/rate.ts';
import { fingerprint } from '../rules/fingerprint.ts';
import type { Finding, NotJudged } from '../rules/rule.ts';
import { sumStateMs } from '../usage/accounts.ts';
import { shareNoise } from '../usage/share-noise.ts';
import type { GpuUsage, MachineUsage } from '../usage/usage.ts';
import type { WorkTrack } from '../usage/work-track.ts';
import { hoursOf, toCost, toGpuHours } from './amounts.ts';
import { findingIntervals } from './finding-intervals.ts';
import { basisOf, type GroupBy, groupsOf } from './groups.ts';
import { idleTimeouts } from './idle-timeouts.ts';
import { toHiddenPeriods, toPeriods } from './periods.ts';
import { firstTogether, perDay, recoverableOf } from './recoverable.ts';
import type { Report, ReportFinding, ReportGpu, ReportMachine } from './report.ts';
import { toSeries } from './series.ts';
import { timelinesOf } from './timeline.ts';
import { toWork } from './work.ts';
import { sharedWorkWarning, workOnce } from './work-once.ts';

/** One machine as audited: what the report says of it. */
export interface AuditedMachine {
  readonly usage: MachineUsage;
  readonly bill: MachineBill | null;
  readonly rate: MachineRate | null;
  readonly host: string | null;
  readonly hostSize: { readonly cpus: number; readonly memoryMib: number } | null;
  readonly provider: string | null;
  readonly type: string | null;
  readonly region: string | null;
  readonly purchase: string | null;
  readonly detectedBy: ReportMachine['detectedBy'];
  readonly sources: readonly {
    readonly kind: 'session' | 'nvidia-smi-csv';
    readonly name: string;
    readonly samples: number;
  }[];
  readonly intervalMs: number;
  /** What the run itself counted; empty without `--progress`. */
  readonly work: readonly WorkTrack[];
  readonly findings: readonly Finding[];
  readonly notJudged: readonly NotJudged[];
}

export interface ReportOptions {
  readonly version: string;
  /** Epoch milliseconds. */
  readonly generatedAtMs: number;
  readonly warnings: Report['warnings'];
  readonly by: GroupBy | null;
  readonly withSeries: boolean;
}

/** Puts audited machines into the public report (gpucost.report/1); gates are judged on the result. */
export function buildReport(machines: readonly AuditedMachine[], options: ReportOptions): Report {
  const all = machines.flatMap((m) => [...m.usage.gpus.map((g) => g.total), m.usage.hidden]);
  const total = sumStateMs(all);
  const idOf = shortIds(machines);
  const starts = machines.flatMap((m) => m.usage.runs.map((r) => r.startMs));
  const ends = machines.flatMap((m) => m.usage.runs.map((r) => r.endMs));
  const length = total.billedMs - total.byState.rounding;
  const findings = byWorth(machines.flatMap((m) => m.findings.map((f) => listed(m, f, idOf))));
  const grouped = options.by === null ? null : groupsOf(machines, options.by, idOf);
  const gpuHours = toGpuHours(total, basisOf(machines.flatMap((m) => m.usage.gpus)));
  const cost = totalCost(machines);
  return {
    schema: 'gpucost.report/1',
    tool: { name: 'gpucost', version: options.version },
    generatedAt: iso(options.generatedAtMs),
    sources: machines.flatMap((m) =>
      m.sources.map((s) => ({
        kind: s.kind,
        name: s.name,
        machine: m.usage.id,
        samples: s.samples,
      })),
    ),
    window: {
      start: iso(Math.min(...starts)),
      end: iso(Math.max(...ends)),
      observedShare: length > 0 ? (length - total.byState.unobserved) / length : 0,
      intervalMs: Math.max(...machines.map((m) => m.intervalMs)),
    },
    machines: machines.map((m) => toMachine(m)),
    gpuHours,
    cost,
    gpus: machines.flatMap((m) => m.usage.gpus.map((gpu) => toGpu(m, gpu, idOf))),
    groups: options.by === null ? null : { by: options.by, rows: grouped?.rows ?? [] },
    periods: machines.flatMap((m) =>
      m.usage.gpus.flatMap((gpu) => toPeriods(m, gpu, idOf(m, gpu.identity.id))),
    ),
    work: toWork(machines, { gpuHours, cost }),
    noise: shareNoise(machines.flatMap((m) => m.usage.gpus)),
    findings,
    recoverable: recoverableTogether(machines, findings),
    idleTimeouts: machines.flatMap((m) => idleTimeouts(m.usage, m.rate) ?? []),
    notJudged: machines.flatMap((m) =>
      m.notJudged.map((n) => ({
        rule: n.rule,
        gpus: n.gpus.map((g) => idOf(m, g)),
        reason: n.reason,
      })),
    ),
    gates: [],
    warnings: [
      ...options.warnings,
      ...(workOnce(machines).isShared ? [sharedWorkWarning] : []),
      ...(grouped?.warnings ?? []),
    ],
    timeline: machines.flatMap((m) =>
      m.usage.gpus.flatMap((g) => timelinesOf(idOf(m, g.identity.id), g)),
    ),
    ...(options.withSeries
      ? {
          series: machines.flatMap((m) =>
            m.usage.gpus.map((g) => toSeries(idOf(m, g.identity.id), g.windows)),
          ),
        }
      : {}),
  };
}

type IdOf = (machine: AuditedMachine, gpu: string) => string;

/**
 * g1, g2, … in the order of machines and GPUs: what the report's parts call each other by. Two machines' GPUs may
 * have the same identity where logs have no UUIDs and one file name.
 */
function shortIds(machines: readonly AuditedMachine[]): IdOf {
  const keys = machines.flatMap((m) => m.usage.gpus.map((g) => `${m.usage.id} ${g.identity.id}`));
  const ids = new Map(keys.map((key, i) => [key, `g${i + 1}`]));
  return (m, gpu) => ids.get(`${m.usage.id} ${gpu}`) ?? gpu;
}

function toMachine(m: AuditedMachine): ReportMachine {
  const { usage, bill, rate } = m;
  const total = sumStateMs([...usage.gpus.map((g) => g.total), usage.hidden]);
  const gpuCount = usage.gpus.length + usage.hiddenGpus;
  return {
    id: usage.id,
    host: m.host,
    provider: rate?.provider ?? m.provider,
    type: rate?.type ?? m.type,
    region: rate?.region ?? m.region,
    purchase: rate?.purchase ?? m.purchase,
    detectedBy: m.detectedBy,
    gpuCount,
    gpuShare: rate?.gpuShare ?? null,
    bills: rate?.bills ?? null,
    runs: usage.runs.map((r) => ({
      start: iso(r.startMs),
      end: iso(r.endMs),
      startedBy: r.startedBy,
      billedSeconds: r.billedMs / 1_000,
    })),
    rate: rate && {
      currency: rate.currency,
      perHour: numberFromNanos(rate.perHourNanos),
      perGpuHour: gpuCount > 0 ? numberFromNanos(rate.perHourNanos) / gpuCount : null,
      parts: rate.parts.map((p) => ({
        name: p.name,
        quantity: p.quantity,
        unit: p.unit,
        perUnitHour: numberFromNanos(p.perUnitHourNanos),
        asOf: p.asOf,
        source: p.source,
        confidence: p.confidence,
      })),
    },
    hiddenGpus: {
      count: usage.hiddenGpus,
      gpuHours: hoursOf(usage.hidden.billedMs),
      cost: bill && numberFromMicros(bill.hidden.billedMicros),
      ...(usage.hiddenGpus > 0 ? { periods: toHiddenPeriods(m) } : {}),
    },
    gpuHours: toGpuHours(total, basisOf(usage.gpus)),
    cost: bill && toCost(bill.currency, bill.total, total),
  };
}

function toGpu(m: AuditedMachine, gpu: GpuUsage, idOf: IdOf): ReportGpu {
  const { identity } = gpu;
  const cost = m.bill?.gpus.get(identity.id)?.total;
  return {
    id: idOf(m, identity.id),
    machine: m.usage.id,
    index: identity.index,
    uuid: identity.uuid,
    name: identity.name,
    memoryTotalMib: identity.memoryTotalMib,
    powerLimitW: identity.powerLimitW ?? gpu.powerReferenceW,
    gpuHours: toGpuHours(gpu.total, gpu.basis),
    cost: m.bill && cost ? toCost(m.bill.currency, cost, gpu.total) : null,
    utilizationPct: gpu.utilizationPct,
    memoryUsedMib: gpu.memoryUsedMib,
    powerW: gpu.powerW,
  };
}

/** A finding with what orders it. */
interface Listed {
  readonly finding: ReportFinding;
  readonly currency: string | null;
}

function listed(m: AuditedMachine, f: Finding, idOf: IdOf): Listed {
  const { ms, micros } = recoverableOf(m, [f]);
  const finding: ReportFinding = {
    rule: f.rule,
    fingerprint: fingerprintOf(m, f),
    severity: f.severity,
    confidence: f.confidence,
    gpus: f.gpus.map((id) => idOf(m, id)),
    title: f.title,
    summary: f.summary,
    evidence: f.evidence.map((e) => ({ ...e })),
    ...findingIntervals(f, m.usage, (id) => idOf(m, id)),
    recoverable: {
      gpuHours: hoursOf(ms),
      cost: micros === null ? null : numberFromMicros(micros),
      perDay: perDay(m.usage, ms, micros),
    },
    remediation: f.remediation.map((r) => ({ ...r })),
    alternatives: f.alternatives.map((a) => ({ ...a })),
    decidingTest: f.decidingTest && {
      ...f.decidingTest,
      outcomes: f.decidingTest.outcomes.map(({ seen, causes }) => ({ seen, causes: [...causes] })),
    },
  };
  return { finding, currency: m.rate?.currency ?? null };
}

function fingerprintOf(m: AuditedMachine, f: Finding): string {
  const uuids = f.gpus.map(
    (id) => m.usage.gpus.find((g) => g.identity.id === id)?.identity.uuid ?? id,
  );
  return fingerprint(f.rule, m.host ?? m.usage.id, uuids);
}

/**
 * What the first of the findings that a report lists could win back if all of them were fixed: less than their sum
 * where they overlap. Null where there is nothing to win back.
 */
export function recoverableTogether(
  machines: readonly AuditedMachine[],
  findings: readonly ReportFinding[],
): Report['recoverable'] {
  const named = machines.map((m) => ({
    ...m,
    findings: m.findings.map((f) => ({ fingerprint: fingerprintOf(m, f), finding: f })),
  }));
  return firstTogether(findings, named);
}

const severityRank = { critical: 2, warning: 1, info: 0 } as const;

/** The most expensive first: by money where all of it is known and in one currency, else by GPU-hours; then by severity and rule. */
function byWorth(all: readonly Listed[]): ReportFinding[] {
  const [currency = null, ...others] = new Set(all.map((one) => one.currency));
  const isOneMoney = currency !== null && others.length === 0;
  const costOf = ({ recoverable }: ReportFinding): number =>
    isOneMoney ? (recoverable.cost ?? 0) : 0;
  return all
    .map(({ finding }) => finding)
    .sort(
      (a, b) =>
        costOf(b) - costOf(a) ||
        b.recoverable.gpuHours - a.recoverable.gpuHours ||
        severityRank[b.severity] - severityRank[a.severity] ||
        (a.rule < b.rule ? -1 : 1),
    );
}

/** Null without a rate for each machine, or with several currencies: what is known of each is with the machine. */
function totalCost(machines: readonly AuditedMachine[]): Report['cost'] {
  const bills = machines.flatMap((m) => m.bill ?? []);
  const currencies = new Set(bills.map((b) => b.currency));
  const [currency] = currencies;
  if (bills.length < machines.length || currencies.size !== 1 || currency === undefined)
    return null;
  const usage = sumStateMs(
    machines.flatMap((m) => [...m.usage.gpus.map((g) => g.total), m.usage.hidden]),
  );
  return toCost(currency, sumOfCosts(bills.map((b) => b.total)), usage);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
