import { numberFromNanos } from '../bill/money.ts';
import type { PriceFlags } from '../config/flags.ts';
import { findProjectFile } from '../config/project-file.ts';
import { HostError, UsageError } from '../errors.ts';
import { createHostReader } from '../host/host-reader.ts';
import { type DetectPlaces, detectMachine, hostPlaces } from '../machine/detect.ts';
import { type DetectedRate, detectionJson, detectionText } from '../machine/detection-text.ts';
import type { Shape } from '../machine/shape.ts';
import { loadRateCards } from '../rates/load.ts';
import type { RateCards } from '../rates/merge.ts';
import { resolveRate } from '../rates/resolve.ts';
import { systemClock } from '../sample/clock.ts';
import { listGpus } from '../sample/list-gpus.ts';
import { nvidiaSmi } from '../sample/nvidia-smi.ts';
import { nvidiaSmiPath } from '../sample/nvidia-smi-path.ts';
import type { MachineFacts } from '../store/lines.ts';
import { detectOptions } from './detect-options.ts';
import { seenShape } from './seen-shape.ts';

export interface DetectFlags extends PriceFlags {
  readonly json?: boolean;
}

/** The host that is looked at; another one in tests. */
export interface DetectHost {
  readonly places: DetectPlaces;
  see(): Promise<{ readonly shape: Shape; readonly gpuFailure: string | null }>;
}

/** Says which machine this is, how that came to be known, and what it costs. Returns 0, found or not. */
export async function ratesDetect(
  flags: DetectFlags,
  write: (text: string) => Promise<void>,
  host: DetectHost = thisHost(),
): Promise<number> {
  const project = await findProjectFile(process.cwd());
  const cards = await loadRateCards([...(project?.settings.rates ?? []), ...(flags.rates ?? [])]);
  const { shape, gpuFailure } = await host.see();
  const detection = await detectMachine(detectOptions(flags, project, shape, cards), host.places);
  const rate = rateOf(cards, detection.facts, shape);
  const view = { detection, shape, gpuFailure, rate };
  await write(flags.json === true ? detectionJson(view) : detectionText(view));
  return 0;
}

function rateOf(cards: RateCards, facts: MachineFacts, shape: Shape): DetectedRate {
  if (facts.type === null) return { reason: 'the machine type is not known' };
  const now = Date.now();
  try {
    const { rate, ...none } = resolveRate(cards, {
      ...facts,
      type: facts.type,
      visibleGpus: shape.gpus,
      vcpus: shape.vcpus,
      memoryGib: shape.memoryGib,
      atMs: now,
      nowMs: now,
    });
    if (rate === null) return { reason: 'reason' in none ? none.reason : 'no price' };
    return {
      currency: rate.currency,
      perHour: numberFromNanos(rate.perHourNanos),
      region: rate.region,
      purchase: rate.purchase,
      sources: rate.parts.map(
        ({ asOf, source }) => `as of ${asOf ?? 'an unknown date'}, ${source}`,
      ),
    };
  } catch (error) {
    // A type that was found but that no card has is an answer; one that was named is the caller's mistake.
    const isNamed = facts.detectedBy === 'flag' || facts.detectedBy === 'config';
    if (!(error instanceof UsageError) || isNamed) throw error;
    return { reason: error.message };
  }
}

function thisHost(): DetectHost {
  return {
    places: hostPlaces(),
    async see() {
      const identity = await createHostReader().identity();
      const { gpus, failure } = await visibleGpus();
      return { shape: seenShape(gpus, identity), gpuFailure: failure };
    },
  };
}

/** Detection does without a GPU: that there is none, or why, is part of its answer. */
async function visibleGpus(): ReturnType<typeof listGpus> {
  let path: string;
  try {
    path = nvidiaSmiPath(process.env);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return { gpus: [], failure: error.message };
  }
  const smi = nvidiaSmi({ path, env: process.env });
  try {
    return await listGpus(smi, systemClock());
  } finally {
    await smi.close();
  }
}
