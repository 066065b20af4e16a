import type { WasteState } from '../usage/states.ts';
import type { GpuUsage } from '../usage/usage.ts';
import type { Claim } from './claim.ts';
import type { DecidingTest } from './deciding-test.ts';

export type Severity = 'info' | 'warning' | 'critical';

/** Kinds of readings that a rule can require; the runner answers not-judged where one is missing. */
export type Requirement =
  | 'utilization'
  | 'memory'
  | 'power'
  | 'utilizationMemory'
  | 'clocks'
  | 'pcie'
  | 'pcieLink'
  | 'eventReasons'
  | 'hostSignals'
  | 'jobSignals';

export interface Threshold {
  readonly value: number;
  readonly unit:
    | 'ms'
    | '%'
    | 'share'
    | 'MiB'
    | 'MiB/s'
    | 'W'
    | 'GPUs'
    | 'cores'
    | 'bytes/s'
    | 'times';
  /** Why this value: what was measured, or the source. */
  readonly why: string;
}

/** What a rule needs to know beyond the GPU's own usage. */
export interface RuleContext {
  /** All GPUs of the machine, this one among them, ordered by index. */
  readonly machineGpus: readonly GpuUsage[];
  /** From the GPU table; null for a GPU that it does not hold. */
  readonly spec: GpuSpec | null;
  /** Intervals of the GPU's samples or of the coarsest source. */
  readonly intervalMs: number;
  /** What the rules named in `yieldsTo` detected on this GPU. */
  readonly explained: readonly Interval[];
  /** The same on another GPU of the machine. */
  readonly explainedOn: (gpu: GpuUsage) => readonly Interval[];
}

/** Facts of a GPU model (rates/gpus.yaml); null where the table has none. */
export interface GpuSpec {
  readonly key: string;
  readonly memoryGib: number | null;
  readonly memoryBandwidthGbs: number | null;
  readonly fp32Tflops: number | null;
  readonly tf32Tflops: number | null;
  readonly fp16Tflops: number | null;
  readonly fp8Tflops: number | null;
  readonly powerLimitW: number | null;
  readonly idleEmptyW: number | null;
  readonly idleContextW: number | null;
}

export interface RuleMeta {
  readonly id: string;
  readonly title: string;
  /** What it means, and why it matters; not how to fix it. */
  readonly rationale: string;
  /** How the verdict is reached, for `gpucost explain`. */
  readonly decision: string;
  /** How a person can confirm it by hand. */
  readonly confirm: string;
  /** When the finding is wrong or does not matter. */
  readonly wrongWhen: string;
  /** Imperative, concrete, ordered by effort. */
  readonly remediation: readonly Remedy[];
  readonly requires: readonly Requirement[];
  /** The states whose time it explains: nothing else can be won back by fixing it. */
  readonly claims: readonly WasteState[];
  /** Rules that say more about the same time: they are judged first, and this one leaves out what they found. */
  readonly yieldsTo: readonly string[];
  readonly thresholds: Readonly<Record<string, Threshold>>;
}

export interface Remedy {
  readonly action: string;
  readonly detail: string;
}

export interface Evidence {
  readonly signal: string;
  readonly value: number;
  readonly unit: string;
  readonly threshold: number | null;
  readonly comparison: '>=' | '<=' | '>' | '<' | null;
}

export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

export type Verdict =
  | { readonly outcome: 'clear' }
  | { readonly outcome: 'not-judged'; readonly reason: string }
  | {
      readonly outcome: 'detected';
      readonly severity: Severity;
      /** 0–1. */
      readonly confidence: number;
      readonly summary: string;
      readonly evidence: readonly Evidence[];
      readonly intervals: readonly Interval[];
      /**
       * Upper bound of what fixing it could win back: what the intervals would be shorter by if the cause were gone and
       * all else stayed (Amdahl's law). The runner cuts it to what the rule's states hold in the intervals.
       */
      readonly recoverableMs: number;
      /** Remedies for what was seen; the rule's own list where left out. */
      readonly remediation?: readonly Remedy[];
    };

export type Limits<T extends Readonly<Record<string, Threshold>>> = {
  readonly [K in keyof T]: number;
};

export interface Rule {
  readonly meta: RuleMeta;
  /** Judges one GPU; `limits` holds the thresholds' values, overridden by the project file. */
  evaluate(
    usage: GpuUsage,
    limits: Readonly<Record<string, number>>,
    context: RuleContext,
  ): Verdict;
}

/** Ties the names of a rule's thresholds to the limits that its evaluate reads. */
export function defineRule<const T extends Readonly<Record<string, Threshold>>>(rule: {
  readonly meta: Omit<RuleMeta, 'thresholds'> & { readonly thresholds: T };
  evaluate(usage: GpuUsage, limits: Limits<T>, context: RuleContext): Verdict;
}): Rule {
  // The runner passes a value for each threshold of the rule, which is what Limits<T> says.
  return rule as unknown as Rule;
}

export const clear: Verdict = { outcome: 'clear' };

export function notJudged(reason: string): Verdict {
  return { outcome: 'not-judged', reason };
}

/** One rule's detections on one machine, GPUs with the same rule joined. */
export interface Finding {
  readonly rule: string;
  readonly machine: string;
  readonly gpus: readonly string[];
  readonly title: string;
  readonly severity: Severity;
  readonly confidence: number;
  readonly summary: string;
  readonly evidence: readonly Evidence[];
  readonly intervals: readonly Interval[];
  readonly remediation: readonly Remedy[];
  /** Sum over the finding's GPUs; per GPU by id in claims. */
  readonly recoverableMs: number;
  readonly claims: ReadonlyMap<string, Claim>;
  /** Other rules whose signals explain at least half of the same time, the best supported first. */
  readonly alternatives: readonly Alternative[];
  /** The run that tells the causes apart; null for findings that name no cause of a wait. */
  readonly decidingTest: DecidingTest | null;
}

/** Another cause of the same wait. */
export interface Alternative {
  readonly rule: string;
  /** 0–1. */
  readonly confidence: number;
}

export interface NotJudged {
  readonly rule: string;
  readonly machine: string;
  readonly gpus: readonly string[];
  readonly reason: string;
}
