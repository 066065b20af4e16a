import { describe, expect, test } from 'vitest';
import { claimedMs } from '../../src/rules/claim.ts';
import type { GpuSpec, Rule, Severity } from '../../src/rules/rule.ts';
import { type Judgement, judge, type ThresholdOverrides } from '../../src/rules/run.ts';
import type { GpuUsage } from '../../src/usage/usage.ts';
import type { GpuBuilder } from './usage-builder.ts';

export interface RuleCase {
  readonly name: string;
  /** The GPU that is judged. */
  readonly gpu: GpuBuilder;
  readonly others?: readonly GpuBuilder[];
  readonly spec?: GpuSpec;
  readonly severity?: Severity;
  /** Where the sampling interval itself decides, another one is another case. */
  readonly keepInterval?: true;
}

/**
 * A case at the threshold that is detected (with this severity), and one just beside it that is not; where a
 * threshold divides what is clear from what is not judged, `at` says so.
 */
type Edge = readonly [
  at: Omit<RuleCase, 'name'> & { readonly outcome?: 'clear' },
  beside: Omit<RuleCase, 'name'>,
];

export interface RuleCases {
  readonly detected: readonly RuleCase[];
  readonly clear: readonly RuleCase[];
  readonly notJudged: readonly RuleCase[];
  /** One for every threshold of the rule. */
  readonly edges: Readonly<Record<string, Edge>>;
  /** Thresholds that change the wording or the remedies only; a test of their own shows them. */
  readonly wording?: readonly string[];
}

type Outcome = 'detected' | 'clear' | 'not-judged';

const seeds = [1, 20260105, 4294967291];

/** Tests a rule by value: its three outcomes, each kept under noise, another interval and another order of GPUs. */
export function testRule(rule: Rule, cases: RuleCases): void {
  describe(rule.meta.id, () => {
    const groups = [
      ['detected', cases.detected],
      ['clear', cases.clear],
      ['not-judged', cases.notJudged],
    ] as const;
    for (const [outcome, group] of groups) {
      test.each(group)(`${outcome}: $name`, (example) => {
        const judgement = judgeCase(rule, example);
        expect(outcomeOf(judgement)).toBe(outcome);
        if (example.severity !== undefined) {
          expect(judgement.findings[0]?.severity).toBe(example.severity);
        }
        checkFinding(judgement, example);
        checkSteadiness(rule, example, outcome);
      });
    }
    test('every threshold has a case at and beside it', () => {
      const tested = [...Object.keys(cases.edges), ...(cases.wording ?? [])];
      expect(tested.sort()).toEqual(Object.keys(rule.meta.thresholds).sort());
    });
    test.each(Object.entries(cases.edges))('threshold %s', (_, [at, beside]) => {
      const inside = judgeCase(rule, at);
      const outside = judgeCase(rule, beside);
      expect(outcomeOf(inside)).toBe(at.outcome ?? 'detected');
      if (at.outcome === 'clear') expect(outcomeOf(outside)).toBe('not-judged');
      else if (at.severity === undefined) expect(outcomeOf(outside)).not.toBe('detected');
      else {
        expect(inside.findings[0]?.severity).toBe(at.severity);
        expect(outside.findings[0]?.severity).toBe(beside.severity);
        expect(beside.severity).not.toBe(at.severity);
      }
    });
  });
}

const judgedId = (example: Omit<RuleCase, 'name'>) => example.gpu.build().identity.id;

export function judgeCase(
  rule: Rule,
  example: Omit<RuleCase, 'name'>,
  change: (gpu: GpuBuilder) => GpuBuilder = (gpu) => gpu,
  reorder: (gpus: readonly GpuUsage[]) => readonly GpuUsage[] = (gpus) => gpus,
  overrides: ThresholdOverrides = {},
): Judgement {
  const gpus = [example.gpu, ...(example.others ?? [])].map((gpu) => change(gpu).build());
  const judgement = judge(
    { id: 'm1', gpus: reorder(gpus) },
    (gpu) => ({ spec: example.spec ?? null, intervalMs: gpu.nominalMs }),
    overrides,
    [rule],
  );
  const [failure] = judgement.failed;
  if (failure !== undefined) throw failure.error;
  return only(judgement, judgedId(example));
}

/** What was said of the judged GPU; findings of the others don't count. */
function only(judgement: Judgement, id: string): Judgement {
  return {
    ...judgement,
    findings: judgement.findings.filter((finding) => finding.gpus.includes(id)),
    notJudged: judgement.notJudged.filter(({ gpus }) => gpus.includes(id)),
  };
}

function outcomeOf({ findings, notJudged }: Judgement): Outcome {
  if (findings.length > 0) return 'detected';
  return notJudged.length > 0 ? 'not-judged' : 'clear';
}

/** What holds for any finding: it can be checked from its evidence, and claims no more than was lost. */
function checkFinding({ findings }: Judgement, example: RuleCase): void {
  for (const finding of findings) {
    const usages = new Map(
      [example.gpu, ...(example.others ?? [])]
        .map((gpu) => gpu.build())
        .map((usage) => [usage.identity.id, usage]),
    );
    expect(finding.evidence.length).toBeGreaterThan(0);
    for (const { signal, value, threshold, comparison } of finding.evidence) {
      expect(Number.isFinite(value), signal).toBe(true);
      if (threshold === null || comparison === null) continue;
      const holds = { '>=': value >= threshold, '<=': value <= threshold };
      const strict = { '>': value > threshold, '<': value < threshold };
      expect({ ...holds, ...strict }[comparison], `${signal} ${value} ${comparison}`).toBe(true);
    }
    expect(finding.intervals.length).toBeGreaterThan(0);
    expect(finding.confidence).toBeGreaterThan(0);
    expect(finding.confidence).toBeLessThanOrEqual(1);
    expect(finding.remediation.length).toBeGreaterThan(0);
    let sum = 0;
    for (const [id, claim] of finding.claims) {
      const usage = usages.get(id);
      expect(usage).toBeDefined();
      if (usage === undefined) continue;
      const { byState } = usage.total;
      const held = claim.states.reduce((all, state) => all + byState[state], 0);
      expect(claim.ms).toBeGreaterThanOrEqual(0);
      expect(claim.ms).toBeLessThanOrEqual(held);
      expect(claim.ms).toBeLessThanOrEqual(claimedMs(usage.windows, claim));
      sum += claim.ms;
    }
    expect(finding.recoverableMs).toBe(sum);
  }
}

function checkSteadiness(rule: Rule, example: RuleCase, outcome: Outcome): void {
  for (const seed of seeds) {
    const noisy = judgeCase(rule, example, (gpu) => gpu.noisy(seed));
    expect(outcomeOf(noisy), `noise of seed ${seed}`).toBe(outcome);
  }
  if (example.keepInterval === undefined) {
    const coarser = judgeCase(rule, example, (gpu) => gpu.every('5s'));
    expect(outcomeOf(coarser), 'sampled every 5 s').toBe(outcome);
  }
  const same = judgeCase(rule, example);
  const reversed = judgeCase(
    rule,
    example,
    (gpu) => gpu,
    (gpus) => gpus.toReversed(),
  );
  expect(reversed).toEqual(same);
}
