import { expect, test } from 'vitest';
import { pcieMibPerS } from '../../src/rules/pcie-rate.ts';

// GB/s of 16 lanes one way, as the PCI-SIG's own overview rounds them.
test.each([
  [1, 4],
  [2, 8],
  [3, 15.75],
  [4, 31.5],
  [5, 63],
  [6, 121],
  [7, 242],
])('generation %d with 16 lanes carries %d GB/s', (gen, gbPerS) => {
  expect((pcieMibPerS({ gen, width: 16 }) * 2 ** 20) / 1e9).toBeCloseTo(gbPerS, 1);
});

test('lanes carry alike', () => {
  expect(pcieMibPerS({ gen: 4, width: 8 }) * 2).toBe(pcieMibPerS({ gen: 4, width: 16 }));
});
