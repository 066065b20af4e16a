import type { PriceFlags } from '../config/flags.ts';
import type { ProjectFile } from '../config/project-file.ts';
import type { DetectOptions, Named } from '../machine/detect.ts';
import { knownMachines } from '../machine/known-machine.ts';
import type { Shape } from '../machine/shape.ts';
import type { RateCards } from '../rates/merge.ts';

/** What detection goes by: flags, the project file, what is seen, and the cards. Either of the first two forbids the network. */
export function detectOptions(
  flags: PriceFlags,
  project: ProjectFile | null,
  shape: Shape,
  cards: RateCards,
): DetectOptions {
  const settings = project?.settings ?? {};
  return {
    flag: named(flags),
    config: named(settings),
    network: flags.network && settings.network !== false,
    shape,
    known: knownMachines(cards),
  };
}

function named(source: {
  readonly machine?: string | undefined;
  readonly region?: string | undefined;
  readonly purchase?: string | undefined;
}): Named {
  return {
    machine: source.machine ?? null,
    region: source.region ?? null,
    purchase: source.purchase ?? null,
  };
}
