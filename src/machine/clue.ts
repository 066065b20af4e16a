import type { DetectedBy, MachineFacts } from '../store/lines.ts';

/** What one place says about the machine; null is what it does not say. */
export interface Clue {
  readonly source: DetectedBy;
  readonly provider: string | null;
  readonly type: string | null;
  readonly region: string | null;
  readonly purchase: string | null;
  /** Epoch milliseconds of the launch or, on OCI, of the creation. */
  readonly launchedAt: number | null;
  /** Where it was read and what it said, for people; never a token or a key. */
  readonly says: string;
}

/** What became of one place's word. */
export interface Step {
  readonly source: DetectedBy;
  /** taken: it named the machine; added: it filled gaps; nothing: it said nothing; ignored: it contradicts an earlier one. */
  readonly outcome: 'taken' | 'added' | 'nothing' | 'ignored' | 'skipped';
  readonly says: string;
}

/** A machine of the rate cards that looks like this host. */
export interface Candidate {
  readonly provider: string;
  readonly type: string;
  /** Where it differs from what was seen, or what could not be compared; empty for a full match. */
  readonly differs: readonly string[];
}

/** What is known of the machine, and how it came to be known. */
export interface Detection {
  readonly facts: MachineFacts;
  readonly candidates: readonly Candidate[];
  readonly why: readonly Step[];
}

const nothingKnown = { provider: null, type: null, region: null, purchase: null, launchedAt: null };

/** A clue with all that is not named left unknown. */
export function aClue(
  source: DetectedBy,
  says: string,
  facts: Partial<Omit<Clue, 'source' | 'says'>>,
): Clue {
  return { source, says, ...nothingKnown, ...facts };
}

/** A time that a place told in epoch milliseconds, or null for what is none that a clock can show. */
export function toTime(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 8.64e15
    ? value
    : null;
}

/** Joins places' words in order: the earlier one wins, a later one fills gaps unless it speaks of another machine. */
export class FactsSoFar {
  #facts: MachineFacts = { ...nothingKnown, detectedBy: 'none' };
  readonly #steps: Step[] = [];

  get facts(): MachineFacts {
    return this.#facts;
  }

  get steps(): readonly Step[] {
    return this.#steps;
  }

  note(source: DetectedBy, outcome: 'nothing' | 'skipped', says: string): void {
    this.#steps.push({ source, outcome, says });
  }

  /** Prices the machine as another one of the cards; region, purchase and launch stay. */
  replaceMachine(
    machine: { readonly provider: string; readonly type: string },
    says: string,
  ): void {
    const { provider, type } = machine;
    if (provider === this.#facts.provider && type === this.#facts.type) return;
    this.#facts = { ...this.#facts, provider, type };
    this.#steps.push({ source: this.#facts.detectedBy, outcome: 'taken', says });
  }

  add(clue: Clue): void {
    const { source, says } = clue;
    const before = this.#facts;
    if (contradicts(before, clue)) {
      this.#steps.push({ source, outcome: 'ignored', says });
      return;
    }
    const namesMachine = before.type === null && clue.type !== null;
    const namesProvider = before.detectedBy === 'none' && clue.provider !== null;
    this.#facts = {
      provider: before.provider ?? clue.provider,
      type: before.type ?? clue.type,
      region: before.region ?? clue.region,
      purchase: before.purchase ?? clue.purchase,
      detectedBy: namesMachine || namesProvider ? source : before.detectedBy,
      launchedAt: before.launchedAt ?? clue.launchedAt,
    };
    const adds = JSON.stringify(this.#facts) !== JSON.stringify(before);
    const outcome = namesMachine ? 'taken' : adds ? 'added' : 'nothing';
    this.#steps.push({ source, outcome, says });
  }
}

function contradicts(facts: MachineFacts, clue: Clue): boolean {
  if (facts.provider !== null && clue.provider !== null) return facts.provider !== clue.provider;
  // Without the provider of both, only the same type shows that they mean the same machine.
  const oneHasNoProvider = facts.type !== null && clue.type !== null;
  return oneHasNoProvider && facts.type !== clue.type;
}
