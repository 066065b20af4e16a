import type { PcieLink } from '../usage/sample-source.ts';

/**
 * What a link carries one way, MiB/s, after encoding (PCI-SIG base specification): lanes of 2.5 and 5 GT/s in 8b/10b,
 * 8 to 32 in 128b/130b, from the sixth generation on 64 and doubling in flits with 242 of 256 bytes to use.
 */
export function pcieMibPerS({ gen, width }: PcieLink): number {
  return (width * laneMbPerS(gen) * 1e6) / 2 ** 20;
}

function laneMbPerS(gen: number): number {
  if (gen <= 2) return 250 * gen;
  const coded = 1_000 * 2 ** (gen - 3);
  return coded * (gen < 6 ? 128 / 130 : 242 / 256);
}
