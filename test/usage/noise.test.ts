import { expect, it } from 'vitest';
import { noiseBins, ratioError } from '../../src/usage/noise.ts';
import { normalOf, randomOf } from '../kit/random.ts';

const wholes = Array.from({ length: noiseBins }, () => 1);

it('of independent bins it is about the standard error that theory gives', () => {
  const random = randomOf(3);
  const errors = Array.from({ length: 200 }, () => {
    const parts = wholes.map(() => 0.5 + 0.1 * normalOf(random));
    return ratioError(parts, wholes, 1) ?? NaN;
  });
  const mean = errors.reduce((sum, e) => sum + e, 0) / errors.length;
  const theory = 0.1 / Math.sqrt(noiseBins);
  // The largest of three estimates lies above the true one.
  expect(mean).toBeGreaterThan(theory);
  expect(mean).toBeLessThan(1.6 * theory);
});

it('bursts that last for many bins make it larger than independent noise of the same size would', () => {
  const random = randomOf(4);
  let level = 0;
  const parts = wholes.map(() => {
    if (random() < 0.1) level = 1 - level;
    return level;
  });
  const share = parts.reduce((sum, p) => sum + p, 0) / noiseBins;
  const independent = Math.sqrt((share * (1 - share)) / noiseBins);
  expect(ratioError(parts, wholes, 1)).toBeGreaterThan(1.5 * independent);
});

it('is not known of a run too short for 8 batches, nor of one that was hardly observed', () => {
  expect(ratioError(wholes, wholes, noiseBins / 8 + 1)).toBeNull();
  expect(
    ratioError(
      wholes,
      wholes.map((_, i) => (i < 20 ? 1 : 0)),
      1,
    ),
  ).toBeNull();
});
