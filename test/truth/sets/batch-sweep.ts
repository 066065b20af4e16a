import { type Configuration, readSweep, sweptCards, toSteadyLog } from '../../kit/batch-sweep.ts';
import { hasShared } from '../../kit/shared.ts';
import { reportOnLog } from '../product.ts';
import {
  each,
  type Labels,
  type TruthCase,
  type TruthSet,
  wasteRules,
  without,
} from '../truth-case.ts';

type Card = Configuration['card'];

/** An L4 that is this much as fast as the L40 carries the work; below the second the L40 is needed. */
const carries = 0.8;
const needsMore = 0.5;

/**
 * Paging: throughput collapsed against a smaller batch. A card too large: the same configuration, measured on a
 * smaller one. A batch too small: four times the batch, measured. Healthy: at utilization 90 and load .75 nothing is
 * waste, whatever else (the contract of the rules, not a measurement).
 */
function labelsOf(c: Configuration, all: Sweep): Labels {
  const load = (c.watts - c.idleWatts) / (sweptCards[c.card].limitW - c.idleWatts);
  const isHealthy = c.utilization >= 90 && load >= 0.75;
  const present: Record<string, 'all'> = {};
  const absent: Record<string, 'all'> = {
    // The log is 100 s of one GPU at work: none of these can be.
    ...each(['idle-held', 'idle-empty', 'ghost-utilization', 'unused-gpus', 'imbalance'], 'all'),
    ...each(['hung-collective'], 'all'),
    ...(isHealthy ? each(without(wasteRules, 'throttled', 'memory-oversubscribed'), 'all') : {}),
  };
  (c.collapsed ? present : absent)['memory-oversubscribed'] = 'all';
  if (c.collapsed) return { present, absent };

  const larger = find(all[c.card], keyOf(c, c.batch * 4));
  if (larger !== undefined && !larger.collapsed) {
    const gain = larger.tokensPerS / c.tokensPerS;
    if (gain >= 2) present['undersized-batch'] = 'all';
    if (gain <= 1.1) absent['undersized-batch'] = 'all';
  }
  const onSmaller = c.card === 'L40' ? find(all.L4, keyOf(c, c.batch)) : undefined;
  if (onSmaller !== undefined && !onSmaller.collapsed) {
    const share = onSmaller.tokensPerS / c.tokensPerS;
    if (share >= carries) present['oversized-gpu'] = 'all';
    if (share <= needsMore) absent['oversized-gpu'] = 'all';
  }
  for (const rule of Object.keys(present)) Reflect.deleteProperty(absent, rule);
  return { present, absent };
}

type Sweep = Readonly<Record<Card, readonly Configuration[]>>;

/** The three files hold other columns beside these; repeated settings (warm-up, pauses) make no other work. */
function keyOf(c: Configuration, batch: number): string {
  return `${c.model} ${c.dtype} ${c.context} batch ${batch}`;
}

function find(configurations: readonly Configuration[], key: string): Configuration | undefined {
  return configurations.find((other) => keyOf(other, other.batch) === key);
}

function readAll(): Sweep {
  const of = (card: Card) => readSweep(card);
  return { L40: of('L40'), L4: of('L4'), 4070: of('4070') };
}

function setOf(card: Card, chosenFor: TruthSet['chosenFor']): TruthSet {
  return {
    id: `batch-sweep-${card}`,
    title: `Batch sweep on one ${sweptCards[card].name}: four models and number formats by batch size`,
    reality:
      'Real: the means of utilization, memory, power and throughput of each configuration. Ours: the steady log of 80 s made of them, after 20 s of holding memory at the power of the empty card.',
    chosenFor,
    isSlow: false,
    missing: hasShared ? null : 'the traces are not beside the project',
    carriesNoCause: true,
    cases: () => {
      const all = readAll();
      return all[card].map(
        (configuration): TruthCase => ({
          name: `${configuration.job}, batch ${configuration.batch}`,
          group: keyOf(configuration, configuration.batch),
          observe: async () => ({
            report: await reportOnLog(toSteadyLog(configuration)),
            labels: labelsOf(configuration, all),
          }),
        }),
      );
    },
  };
}

/** Batch sweeps gave the power thresholds of undersized-batch and hollow-busy on all cards; paging came from the 4070 Ti. */
const fromSweeps = ['undersized-batch', 'hollow-busy'];

export const batchSweeps: readonly TruthSet[] = [
  setOf('4070', [...fromSweeps, 'memory-oversubscribed']),
  setOf('L40', fromSweeps),
  setOf('L4', fromSweeps),
];
