import type { GpuUsage } from '../usage/usage.ts';
import { withAlternatives } from './alternatives.ts';
import { claimedMs } from './claim.ts';
import { type Detection, join } from './join.ts';
import { missingReading } from './requirements.ts';
import {
  type Finding,
  type Interval,
  type NotJudged,
  notJudged,
  type Rule,
  type RuleContext,
  type Verdict,
} from './rule.ts';

/** Thresholds from the project file: by rule id, then by the threshold's name. */
export type ThresholdOverrides = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** What the caller knows of a GPU beyond its usage. */
export type GpuFacts = Pick<RuleContext, 'spec' | 'intervalMs'>;

export interface Judgement {
  readonly findings: readonly Finding[];
  readonly notJudged: readonly NotJudged[];
  /** Rules that threw: bugs of ours; the other rules' verdicts stand. */
  readonly failed: readonly { readonly rule: string; readonly error: unknown }[];
}

/**
 * Judges every GPU of one machine by every rule. Findings come in the order of the rules, one per rule,
 * whatever the order of the GPUs; a rule that lacks a reading is in `notJudged`, never clear.
 */
export function judge(
  machine: { readonly id: string; readonly gpus: readonly GpuUsage[] },
  factsOf: (gpu: GpuUsage) => GpuFacts,
  overrides: ThresholdOverrides,
  rules: readonly Rule[],
): Judgement {
  const machineGpus = [...machine.gpus].sort(byIndexThenId);
  const detections = new Map<string, readonly Detection[]>();
  const unjudged = new Map<string, readonly NotJudged[]>();
  const failed: { rule: string; error: unknown }[] = [];

  for (const rule of inOrderOfYielding(rules)) {
    try {
      const limits = limitsOf(rule, overrides[rule.meta.id] ?? {});
      const verdicts = machineGpus.map((usage) => ({
        usage,
        verdict: judgeGpu(rule, usage, limits, {
          ...factsOf(usage),
          machineGpus,
          explained: explainedBy(rule, usage, detections),
          explainedOn: (gpu) => explainedBy(rule, gpu, detections),
        }),
      }));
      detections.set(
        rule.meta.id,
        verdicts.flatMap(({ usage, verdict }) =>
          verdict.outcome === 'detected' ? [{ usage, verdict }] : [],
        ),
      );
      unjudged.set(rule.meta.id, reasonsOf(rule, machine.id, verdicts));
    } catch (error) {
      failed.push({ rule: rule.meta.id, error });
    }
  }
  const findings = rules.flatMap((rule) => {
    const found = detections.get(rule.meta.id) ?? [];
    return found.length === 0 ? [] : [join(rule.meta, machine.id, found, machineGpus.length)];
  });
  return {
    findings: withAlternatives(findings),
    notJudged: rules.flatMap((rule) => unjudged.get(rule.meta.id) ?? []),
    failed,
  };
}

function judgeGpu(
  rule: Rule,
  usage: GpuUsage,
  limits: Readonly<Record<string, number>>,
  context: RuleContext,
): Verdict {
  const missing = missingReading(usage, rule.meta.requires);
  if (missing !== null) return notJudged(missing);
  const verdict = rule.evaluate(usage, limits, context);
  if (verdict.outcome !== 'detected') return verdict;
  const { claims } = rule.meta;
  const inAll = claims.reduce((sum, state) => sum + usage.total.byState[state], 0);
  const inIntervals = claimedMs(usage.windows, { ...verdict, states: claims });
  return { ...verdict, recoverableMs: Math.min(verdict.recoverableMs, inIntervals, inAll) };
}

/** The rule's thresholds as numbers, those of the project file in place of ours. */
function limitsOf(
  rule: Rule,
  overrides: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(rule.meta.thresholds).map(([name, threshold]) => [
      name,
      overrides[name] ?? threshold.value,
    ]),
  );
}

function explainedBy(
  rule: Rule,
  usage: GpuUsage,
  detections: ReadonlyMap<string, readonly Detection[]>,
): readonly Interval[] {
  return rule.meta.yieldsTo.flatMap((id) =>
    (detections.get(id) ?? []).flatMap((detection) =>
      detection.usage === usage ? detection.verdict.intervals : [],
    ),
  );
}

/** Rules after those that they yield to; a circle would be a mistake in the list, and is named. */
function inOrderOfYielding(rules: readonly Rule[]): readonly Rule[] {
  const ordered: Rule[] = [];
  const done = new Set<string>();
  const known = new Set(rules.map((rule) => rule.meta.id));
  let waiting = [...rules];
  while (waiting.length > 0) {
    const ready = waiting.filter((rule) =>
      rule.meta.yieldsTo.every((id) => done.has(id) || !known.has(id)),
    );
    if (ready.length === 0) {
      throw new Error(
        `rules yield to each other: ${waiting.map((rule) => rule.meta.id).join(', ')}`,
      );
    }
    for (const rule of ready) {
      ordered.push(rule);
      done.add(rule.meta.id);
    }
    waiting = waiting.filter((rule) => !done.has(rule.meta.id));
  }
  return ordered;
}

/** One entry for each reason, with all GPUs that share it. */
function reasonsOf(
  rule: Rule,
  machine: string,
  verdicts: readonly { readonly usage: GpuUsage; readonly verdict: Verdict }[],
): readonly NotJudged[] {
  const gpusByReason = new Map<string, string[]>();
  for (const { usage, verdict } of verdicts) {
    if (verdict.outcome !== 'not-judged') continue;
    const gpus = gpusByReason.get(verdict.reason) ?? [];
    gpus.push(usage.identity.id);
    gpusByReason.set(verdict.reason, gpus);
  }
  return [...gpusByReason].map(([reason, gpus]) => ({ rule: rule.meta.id, machine, gpus, reason }));
}

function byIndexThenId(a: GpuUsage, b: GpuUsage): number {
  const byIndex = (a.identity.index ?? 0) - (b.identity.index ?? 0);
  return byIndex !== 0 ? byIndex : a.identity.id < b.identity.id ? -1 : 1;
}
