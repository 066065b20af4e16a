import type { HostHeader } from '../audit/collected-host.ts';
import type { HostPrice } from '../audit/host-price.ts';
import { duration, moneyFormat } from '../render/format.ts';
import { type Idle, leastIdleSamples, type NotIdle } from '../usage/idle-spell.ts';
import { blindness } from './on-idle.ts';

/** What was seen of a host's idleness, and how. */
export interface Sighting {
  readonly basis: 'recording' | 'watching';
  readonly state: Idle | NotIdle;
  /** Null where a session does not name its host. */
  readonly header: HostHeader | null;
  /** GPUs that nvidia-smi lists now; null where it was not asked, or does not answer. */
  readonly gpusOnHost: number | null;
}

/** The answer of `gpucost idle`. */
export interface IdleVerdict {
  readonly isIdle: boolean;
  readonly reason:
    | 'idle'
    | 'active'
    | 'too-short'
    | 'too-few-samples'
    | 'no-reading'
    | 'hidden-gpus'
    | 'not-recorded';
  readonly text: string;
  readonly forMs: number;
  readonly seen: Sighting | null;
  /** Of the spell so far; null without a rate, and where the host is not idle. */
  readonly cost: {
    readonly currency: string;
    readonly cost: number;
    readonly perHour: number;
  } | null;
}

/** Judges what was seen: idle only if every GPU of the machine was seen to be idle for `forMs` milliseconds. */
export function idleVerdict(
  seen: Sighting | null,
  forMs: number,
  priceOf: (header: HostHeader) => HostPrice,
): IdleVerdict {
  const no = (reason: IdleVerdict['reason'], why: string): IdleVerdict => ({
    isIdle: false,
    reason,
    text: `not idle: ${why}`,
    forMs,
    seen,
    cost: null,
  });
  if (seen === null) {
    return no(
      'not-recorded',
      'nothing records this host (gpucost watch does), so nothing is known',
    );
  }
  const { state, header, gpusOnHost } = seen;
  const price = header === null ? null : priceOf(header);
  if (!state.isIdle) return notIdle(state, header, no);
  if (header !== null && gpusOnHost !== header.gpus.length) {
    return no(
      'hidden-gpus',
      gpusOnHost === null
        ? 'nvidia-smi does not answer'
        : `${header.gpus.length} of ${gpusOnHost} GPUs are recorded; what the others do is not known`,
    );
  }
  if (price === null || price.hiddenGpus !== 0) {
    return no('hidden-gpus', blindness(price?.hiddenGpus ?? null));
  }
  if (state.forMs < forMs) {
    return no(
      'too-short',
      `every GPU idle for ${words(state.forMs)}, which is less than ${duration(forMs)}`,
    );
  }
  if (header !== null && forMs < leastIdleSamples * header.intervalMs) {
    return no(
      'too-few-samples',
      `${duration(forMs)} hold fewer than ${leastIdleSamples} samples, which come every ${duration(header.intervalMs)}: work between them would not be seen`,
    );
  }
  const cost = price.over(state.sinceMs, state.sinceMs + state.forMs);
  const memory = state.isHeld ? 'memory is held' : 'nobody is on them';
  const money =
    cost === null
      ? ''
      : `, ${moneyFormat(cost.currency, cost.cost).text(cost.cost)} so far at ${moneyFormat(cost.currency, cost.perHour).text(cost.perHour)}/h`;
  return {
    isIdle: true,
    reason: 'idle',
    text: `idle: every GPU for ${words(state.forMs)}, ${memory}${money}`,
    forMs,
    seen,
    cost,
  };
}

function notIdle(
  state: NotIdle,
  header: HostHeader | null,
  no: (reason: IdleVerdict['reason'], why: string) => IdleVerdict,
): IdleVerdict {
  const index = state.gpu === null ? null : (header?.gpus[state.gpu]?.index ?? state.gpu);
  if (index === null) return no('no-reading', state.words ?? 'no GPU was read');
  return state.why === 'active'
    ? no('active', `GPU ${index} is at work (utilization ${state.utilizationPct ?? '?'} %)`)
    : no('no-reading', `what GPU ${index} does is not known, which counts as work`);
}

/** One JSON object, schema gpucost.idle/1; null is unknown. */
export function verdictJson({ isIdle, reason, text, forMs, seen, cost }: IdleVerdict): string {
  const state = seen?.state.isIdle === true ? seen.state : null;
  const json = {
    schema: 'gpucost.idle/1',
    idle: isIdle,
    reason,
    message: text,
    forSeconds: forMs / 1000,
    basis: seen?.basis ?? null,
    gpus: seen?.header?.gpus.length ?? null,
    since: state === null ? null : new Date(state.sinceMs).toISOString(),
    idleSeconds: state === null ? null : state.forMs / 1000,
    memory: state === null ? null : state.isHeld ? 'held' : 'empty',
    cost: cost && { currency: cost.currency, idle: cost.cost, perHour: cost.perHour },
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

/** Whole seconds. */
function words(ms: number): string {
  return duration(Math.round(ms / 1000) * 1000);
}
