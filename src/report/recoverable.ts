import { microsOf, numberFromMicros } from '../bill/money.ts';
import type { MachineRate, PricePeriod } from '../bill/rate.ts';
import { type Claim, claimedMs, eachWindow, stateColumn } from '../rules/claim.ts';
import type { Finding } from '../rules/rule.ts';
import { wasteStates } from '../usage/states.ts';
import type { MachineUsage, Windows } from '../usage/usage.ts';
import { hoursOf } from './amounts.ts';

/** What findings on one machine could win back at most. */
export interface Recoverable {
  readonly ms: number;
  /** Null without a rate. */
  readonly micros: bigint | null;
}

interface PricedMachine {
  readonly usage: MachineUsage;
  readonly rate: MachineRate | null;
}

/**
 * What findings of one machine could win back together: of each state in each window of each GPU the largest part
 * that any of them claims. So it is never more than their sum or than what the states hold, never less than the largest,
 * and the same in any order.
 */
export function recoverableOf(
  { usage, rate }: PricedMachine,
  findings: readonly Finding[],
): Recoverable {
  const periods = rate === null ? [] : (rate.pricePeriods ?? [{ fromMs: -Infinity, rate }]);
  const [only, ...others] = findings;
  if (only !== undefined && others.length === 0 && periods.length < 2) {
    return priced([only.recoverableMs], periods, rate, usage);
  }
  const byPeriod = new Float64Array(Math.max(1, periods.length));
  for (const { identity, windows } of usage.gpus) {
    const claims = findings.flatMap((finding) => finding.claims.get(identity.id) ?? []);
    if (claims.length > 0) addUnion(byPeriod, windows, claims, periods);
  }
  return priced(Array.from(byPeriod, Math.round), periods, rate, usage);
}

/** Less than this says nothing of a day. */
const leastForDayMs = 3_600_000;
const dayMs = 24 * 3_600_000;

/** An amount of the observed time carried on over 24 h; null where less than an hour of the machine was observed. */
export function perDay(
  { gpus }: MachineUsage,
  ms: number,
  micros: bigint | null,
): { gpuHours: number; cost: number | null } | null {
  const observedMs = gpus.reduce(
    (sum, { total }) => sum + total.billedMs - total.byState.unobserved - total.byState.rounding,
    0,
  );
  const wallMs = observedMs / Math.max(1, gpus.length);
  if (wallMs < leastForDayMs) return null;
  const scale = dayMs / wallMs;
  return {
    gpuHours: hoursOf(ms * scale),
    cost: micros === null ? null : numberFromMicros(micros) * scale,
  };
}

/** A GPU-hour of the machine costs its part of the machine's price. */
function priced(
  byPeriod: readonly number[],
  periods: readonly PricePeriod[],
  rate: MachineRate | null,
  usage: MachineUsage,
): Recoverable {
  const gpus = BigInt(Math.max(1, usage.gpus.length + usage.hiddenGpus));
  const micros = periods.reduce(
    (sum, period, i) => sum + microsOf(period.rate.perHourNanos, byPeriod[i] ?? 0),
    0n,
  );
  return {
    ms: byPeriod.reduce((sum, ms) => sum + ms, 0),
    micros: rate === null ? null : micros / gpus,
  };
}

function addUnion(
  byPeriod: Float64Array,
  windows: Windows,
  claims: readonly Claim[],
  periods: readonly PricePeriod[],
): void {
  for (const state of wasteStates) {
    const claiming = claims.filter(({ states }) => states.includes(state));
    if (claiming.length === 0) continue;
    const shares = new Float64Array(windows.length);
    for (const claim of claiming) {
      const held = claimedMs(windows, claim);
      // What a claim asks of its states is spread evenly over what they hold.
      const share = held > 0 ? Math.min(1, claim.ms / held) : 0;
      eachWindow(windows, claim.intervals, (i) => {
        if (share > (shares[i] ?? 0)) shares[i] = share;
      });
    }
    const heldMs = stateColumn(windows, state);
    let period = 0;
    for (let i = 0; i < windows.length; i++) {
      while ((periods[period + 1]?.fromMs ?? Infinity) <= (windows.startMs[i] ?? 0)) period++;
      byPeriod[period] = (byPeriod[period] ?? 0) + (shares[i] ?? 0) * heldMs(i);
    }
  }
}

/** The findings that are put together in one figure: the first ones listed that could win back anything. */
const togetherCount = 3;

/** One machine's findings as the report names them. */
export interface NamedFindings extends PricedMachine {
  readonly findings: readonly { readonly fingerprint: string; readonly finding: Finding }[];
}

/** What the first findings of the report could win back if all of them were fixed; null where there is nothing. */
export function firstTogether(
  listed: readonly { readonly fingerprint: string; readonly recoverable: { gpuHours: number } }[],
  machines: readonly NamedFindings[],
): {
  findings: string[];
  gpuHours: number;
  cost: number | null;
  currency: string | null;
} | null {
  const first = listed
    .filter(({ recoverable }) => recoverable.gpuHours > 0)
    .slice(0, togetherCount)
    .map(({ fingerprint }) => fingerprint);
  if (first.length === 0) return null;
  const parts = machines.flatMap((machine) => {
    const chosen = machine.findings.filter(({ fingerprint }) => first.includes(fingerprint));
    const found = chosen.map(({ finding }) => finding);
    return found.length === 0 ? [] : [{ ...recoverableOf(machine, found), rate: machine.rate }];
  });
  const currencies = new Set(parts.map(({ rate }) => rate?.currency ?? null));
  const [currency = null] = currencies;
  const micros = parts.reduce((sum, part) => sum + (part.micros ?? 0n), 0n);
  const isPriced = currencies.size === 1 && currency !== null;
  return {
    findings: first,
    gpuHours: parts.reduce((sum, { ms }) => sum + ms, 0) / 3_600_000,
    cost: isPriced ? numberFromMicros(micros) : null,
    currency: isPriced ? currency : null,
  };
}
