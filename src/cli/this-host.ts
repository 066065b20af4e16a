import type { PriceFlags } from '../config/flags.ts';
import type { ProjectFile } from '../config/project-file.ts';
import { createHostReader } from '../host/host-reader.ts';
import { detectMachine, hostPlaces } from '../machine/detect.ts';
import type { RateCards } from '../rates/merge.ts';
import { systemClock } from '../sample/clock.ts';
import { nvidiaSmi } from '../sample/nvidia-smi.ts';
import { nvidiaSmiPath } from '../sample/nvidia-smi-path.ts';
import { detectOptions } from './detect-options.ts';
import type { SampledHost } from './record.ts';
import { seenShape } from './seen-shape.ts';

/** This host, ready to be sampled. Throws HostError if nvidia-smi is not found. */
export async function thisHost(
  flags: PriceFlags,
  project: ProjectFile | null,
  cards: RateCards,
): Promise<SampledHost> {
  const smi = nvidiaSmi({ path: nvidiaSmiPath(process.env), env: process.env });
  const signals = createHostReader();
  const identity = await signals.identity();
  return {
    smi,
    clock: systemClock(),
    identity,
    signals,
    processNames: null,
    async machine(gpus) {
      const options = detectOptions(flags, project, seenShape(gpus, identity), cards);
      const { facts } = await detectMachine(options, hostPlaces());
      return facts;
    },
  };
}
