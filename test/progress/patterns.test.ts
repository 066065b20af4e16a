import { describe, expect, it } from 'vitest';
import { marksOf } from '../../src/progress/patterns.ts';

/** Lines as the libraries write them (their formats, made-up numbers), and the counters in them. */
const lines: readonly [string, string, readonly string[]][] = [
  ['tqdm', ' 45%|████▌     | 450/1000 [00:10<00:12, 44.90it/s]', ['step  450/1000']],
  [
    'tqdm with a label',
    'train:  3%|▎   | 3/100 [00:10<05:20, 3.30s/it, loss=0.31]',
    ['step train 3/100'],
  ],
  ['tqdm with unit_scale', ' 12%|█▏   | 1.20k/10.0k [00:10<00:12, 44.9it/s]', ['step  1200/10000']],
  ['tqdm without a total', '450it [00:10, 44.90it/s]', ['step  450/-']],
  ['tqdm over epochs', 'Epochs:  30%|███  | 3/10 [10:00<20:00, 200s/it]', ['epoch  3/10']],
  ['a download', 'model.bin:  45%|████  | 450M/1.00G [00:10<00:12, 44.9MB/s]', []],
  ['a slow download', ' 1%|  | 1.0k/1.0G [00:10<99:12, 1.2s/B]', []],
  [
    'Lightning',
    'Epoch 3:  45%|████▌     | 450/1000 [00:10<00:12, 44.90it/s, v_num=0]',
    ['step Epoch # 450/1000', 'epoch  3/-'],
  ],
  [
    'Lightning, rich',
    'Epoch 3/9 ━━━━━━━━━━╸━━━━━ 450/1000 0:00:10 • 0:00:12 44.90it/s',
    ['step  450/1000', 'epoch  3/9'],
  ],
  [
    'Keras 2',
    ' 450/1000 [============>.................] - ETA: 12s - loss: 0.31',
    ['step  450/1000'],
  ],
  ['Keras 3', '450/1000 ━━━━━━━━━━━━━━━━━━━━ 5s 10ms/step - loss: 0.31', ['step  450/1000']],
  ['Keras epoch', 'Epoch 3/10', ['epoch  3/10']],
  [
    'HF Trainer',
    "{'loss': 0.52, 'learning_rate': 5e-05, 'epoch': 1.37, 'num_input_tokens_seen': 123456}",
    ['epoch  1.37/-', 'token  123456/-'],
  ],
  ['plain step', '2026-11-23 10:00:00 INFO step 120/1000 loss 0.3', ['step  120/1000']],
  ['step with an equals sign', 'global_step=120, loss=0.3', ['step  120/-']],
  ['JSON lines', '{"step": 120, "loss": 0.3}', ['step  120/-']],
  [
    'Megatron',
    ' iteration      120/    1000 | consumed samples:  3840 | consumed tokens:  7864320 | lr: 1e-4',
    ['step  120/1000', 'token  7864320/-'],
  ],
  [
    'mmengine',
    '11/23 10:00:00 - mmengine - INFO - Epoch(train) [3][120/1000]  lr: 1e-02',
    ['step  120/1000'],
  ],
  ['timm', 'Train: 3 [ 120/1000 ( 12%)]  Loss: 6.9', ['step  120/1000']],
  [
    'epoch in brackets',
    'Epoch [3/10], Step [120/1000], Loss: 0.3',
    ['step  120/1000', 'epoch  3/10'],
  ],
  ["the Trainer's banner: steps", '  Total optimization steps = 1,000', []],
  ["the Trainer's banner: accumulation", '  Gradient Accumulation steps = 1', []],
  ["the Trainer's banner: epochs", '  Num update steps per epoch = 10', []],
  ['settings', 'TrainingArguments(max_steps=1000, eval_steps=50)', []],
  ['settings as JSON', '  "max_steps": 1000,', []],
  ['a total step with its end', 'Total steps: 120/1000', ['step  120/1000']],
  ['thousands', 'step 1,234/20,000 loss 0.3', ['step  1234/20000']],
  ['thousands that are none', 'step 1,2345', ['step  1/-']],
  ['a bare fraction', '120/1000', ['step  120/1000']],
  ['tokens of a batch', 'tokens: 2048 loss 0.3', []],
  ['tokens a second', 'tokens seen/s: 2048', []],
  ['a learning rate', 'steps per second 3.2, lr 1e-5', []],
  ['a date', '2026/11/23 10:00', []],
  ['a path', 'saved to runs/12/34', []],
];

describe('the counters of a line', () => {
  it.each(lines)('%s', (_, line, expected) => {
    const found = marksOf(line).map(
      ({ unit, label, count, total }) => `${unit} ${label} ${count}/${total ?? '-'}`,
    );
    expect(found).toEqual(expected);
  });

  it('a hostile line of full length takes no time', () => {
    const started = performance.now();
    for (const part of [
      'step ',
      'epoch [',
      '9',
      '1%|',
      'Train: [',
      'tokens seen ',
      ' ',
      '[[[[',
      '1/1 ',
    ]) {
      marksOf(part.repeat(2000).slice(0, 2000));
    }
    expect(performance.now() - started).toBeLessThan(500);
  });
});
