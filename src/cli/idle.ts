import { hostPrice } from '../audit/host-price.ts';
import type { PriceFlags } from '../config/flags.ts';
import { auditSettings } from '../config/options.ts';
import { findProjectFile } from '../config/project-file.ts';
import { loadRateCards } from '../rates/load.ts';
import { duration } from '../render/format.ts';
import { systemClock } from '../sample/clock.ts';
import { listGpus } from '../sample/list-gpus.ts';
import { nvidiaSmi } from '../sample/nvidia-smi.ts';
import { nvidiaSmiPath } from '../sample/nvidia-smi-path.ts';
import { dataFolder } from '../store/home.ts';
import { checkPricing } from './check-pricing.ts';
import { recordedIdleness } from './idle-recorded.ts';
import { type IdleVerdict, idleVerdict, type Sighting, verdictJson } from './idle-verdict.ts';
import { watchedIdleness } from './idle-watched.ts';
import { say } from './stderr.ts';
import { stopOnSignals } from './stop-signals.ts';
import { thisHost } from './this-host.ts';

export interface IdleFlags extends PriceFlags {
  /** Milliseconds. */
  readonly for: number;
  /** False: answer from what is being recorded, or not at all. */
  readonly wait: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/**
 * Answers whether every GPU of this host has been provably idle for a time. Returns 0 for yes, 1 for no and for what
 * can't be proven: the unknown counts as active. Takes the session of a recorder that runs here, else it watches itself.
 * Throws HostError where nvidia-smi does not answer.
 */
export async function idle(
  flags: IdleFlags,
  write: (text: string) => Promise<void>,
): Promise<number> {
  const project = await findProjectFile(process.cwd());
  const cards = await loadRateCards([...(project?.settings.rates ?? []), ...(flags.rates ?? [])]);
  checkPricing(cards, flags, project);
  const pricing = { ...auditSettings(flags, project), cards, nowMs: Date.now() };
  const host = await thisHost(flags, project, cards);

  let seen = await recordedIdleness(dataFolder(process.env), host.identity.key, flags.for);
  if (seen === null && flags.wait) {
    if (flags.quiet !== true) {
      say(
        `gpucost: nothing records this host: watching for up to ${duration(flags.for)} (with gpucost watch running, the answer comes at once)`,
      );
    }
    const stop = stopOnSignals();
    try {
      seen = await watchedIdleness(host, flags.for, stop.signal);
    } finally {
      stop.release();
    }
  } else if (seen !== null) {
    seen = await besideTheHost(seen);
  }
  const verdict: IdleVerdict = idleVerdict(seen, flags.for, (header) => hostPrice(header, pricing));
  await write(flags.json === true ? verdictJson(verdict) : `${verdict.text}\n`);
  return verdict.isIdle ? 0 : 1;
}

/** A session may hold some of the host's GPUs only (`watch --gpus`): the others are asked for by number. */
async function besideTheHost(seen: Sighting): Promise<Sighting> {
  const smi = nvidiaSmi({ path: nvidiaSmiPath(process.env), env: process.env });
  try {
    const { gpus, failure } = await listGpus(smi, systemClock());
    return { ...seen, gpusOnHost: failure === null ? gpus.length : null };
  } finally {
    await smi.close();
  }
}
