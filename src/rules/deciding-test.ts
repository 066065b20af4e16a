/** A short run that tells causes of the same wait apart. */
export interface DecidingTest {
  readonly action: string;
  readonly detail: string;
  /** What it may show, and the causes (rule ids) that this leaves. */
  readonly outcomes: readonly { readonly seen: string; readonly causes: readonly string[] }[];
}

/** Rules that name why a GPU waits or is not filled; more than one may explain the same time. */
export const causeRules: readonly string[] = [
  'io-bound',
  'cpu-bound-input',
  'transfer-bound',
  'host-bound',
  'undersized-batch',
];

const inInput = new Set(['io-bound', 'cpu-bound-input', 'transfer-bound']);

const synthetic = {
  action: 'Run a minute on synthetic data of the same shape, made once on the GPU.',
  detail:
    'PyTorch `torch.randn(…, device="cuda")`, TensorFlow `tf.random.normal` with `.repeat()`, JAX `jax.random.normal`. The differential method of arXiv 2007.06775.',
};
const cached = {
  action:
    'Run two epochs over a part of the data that fits into the page cache, and compare the second one.',
  detail:
    'A `Subset` (PyTorch), `ds.take(n)` (TensorFlow) or a sliced source (JAX Grain) of a few GB; free memory must hold it. Cold again after `echo 3 > /proc/sys/vm/drop_caches`. The differential method of arXiv 2007.06775.',
};
const prepared = {
  action: 'Run a minute on one batch that is already prepared, in pinned host memory.',
  detail: 'Copied to the GPU each step, but neither read nor decoded.',
};
const larger = {
  action: 'Double the batch for a minute, and compare samples per second.',
  detail: 'Per second, not per step.',
};

/** The run that divides these causes best; null for rules that are no causes of a wait. */
export function decidingTest(causes: readonly string[]): DecidingTest | null {
  const input = causeRules.filter((rule) => causes.includes(rule) && inInput.has(rule));
  const step = causeRules.filter((rule) => causes.includes(rule) && !inInput.has(rule));
  if (input.length + step.length === 0) return null;
  if (input.length === 0) {
    return {
      ...larger,
      outcomes: [
        { seen: 'samples per second rise clearly', causes: ['undersized-batch'] },
        { seen: 'they stay', causes: ['host-bound'] },
      ],
    };
  }
  if (step.length > 0 || input.length > 2) {
    return {
      ...synthetic,
      outcomes: [
        { seen: 'the GPU fills', causes: input },
        {
          seen: 'it does not',
          causes: step.length > 0 ? step : ['host-bound', 'undersized-batch'],
        },
      ],
    };
  }
  if (input.includes('io-bound')) {
    const others = input.filter((rule) => rule !== 'io-bound');
    return {
      ...cached,
      outcomes: [
        { seen: 'the GPU fills in the second epoch', causes: ['io-bound'] },
        { seen: 'it waits as before', causes: others.length > 0 ? others : ['cpu-bound-input'] },
      ],
    };
  }
  return {
    ...prepared,
    outcomes: [
      { seen: 'the GPU fills', causes: ['cpu-bound-input'] },
      { seen: 'it waits as before', causes: ['transfer-bound'] },
    ],
  };
}
