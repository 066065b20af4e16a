import { UsageError } from '../errors.ts';
import type { Machine, ProviderCard } from './card.ts';
import type { RateCards } from './merge.ts';
import { nearest } from './nearest.ts';

export interface FoundMachine {
  readonly card: ProviderCard;
  readonly machine: Machine;
}

/**
 * The machine that `[provider/]type` names: by type, then by alias, then without regard to case.
 * Throws a UsageError with close names for an unknown one, or with the providers where several have it.
 */
export function findMachine(
  cards: RateCards,
  name: { readonly provider?: string | null; readonly type: string },
): FoundMachine {
  const { provider, type } = splitName(cards, name);
  const searched = provider === null ? [...cards.values()] : [cardOf(cards, provider)];
  for (const matches of [byType, byAlias, byAnyCase]) {
    const found = searched.flatMap((card) =>
      [...card.machines.values()]
        .filter((machine) => matches(machine, type))
        .map((machine) => ({ card, machine })),
    );
    const [first, ...others] = found;
    if (first !== undefined && others.length === 0) return first;
    if (first !== undefined) {
      const names = found.map(fullName).toSorted();
      throw new UsageError(`machine type "${type}" is sold by several: ${names.join(', ')}`, {
        hint: `Name the provider too, such as --machine ${names[0]}.`,
      });
    }
  }
  throw unknownType(cards, provider, type);
}

/** `aws/p5.48xlarge`. */
export function fullName({ card, machine }: FoundMachine): string {
  return `${card.provider}/${machine.type}`;
}

function splitName(
  cards: RateCards,
  name: { readonly provider?: string | null; readonly type: string },
): { provider: string | null; type: string } {
  if (name.provider !== undefined && name.provider !== null) {
    return { provider: name.provider, type: name.type };
  }
  const slash = name.type.indexOf('/');
  const first = name.type.slice(0, Math.max(slash, 0)).toLowerCase();
  if (slash > 0 && cards.has(first)) return { provider: first, type: name.type.slice(slash + 1) };
  return { provider: null, type: name.type };
}

function cardOf(cards: RateCards, provider: string): ProviderCard {
  const card = cards.get(provider.toLowerCase());
  if (card !== undefined) return card;
  const near = nearest(provider, cards.keys());
  throw new UsageError(`no rate card for the provider "${provider}"`, {
    hint:
      near.length > 0
        ? `Did you mean ${near.join(' or ')}?`
        : `Known providers: ${[...cards.keys()].toSorted().join(', ')}. Add one with --rates FILE.`,
  });
}

function byType(machine: Machine, type: string): boolean {
  return machine.type === type;
}

function byAlias(machine: Machine, type: string): boolean {
  return machine.facts.aliases?.includes(type) ?? false;
}

function byAnyCase(machine: Machine, type: string): boolean {
  const wanted = type.trim().toLowerCase();
  return [machine.type, ...(machine.facts.aliases ?? [])].some(
    (name) => name.toLowerCase() === wanted,
  );
}

function unknownType(cards: RateCards, provider: string | null, type: string): UsageError {
  if (type.startsWith('ml.')) {
    // The same words without "ml." are EC2's, which cost less.
    return new UsageError(`unknown machine type "${type}": SageMaker's prices are on no card`, {
      hint: 'Describe it in a card of your own with --rates FILE.',
    });
  }
  const names = new Map<string, string[]>();
  for (const card of cards.values()) {
    for (const machine of card.machines.values()) {
      const full = fullName({ card, machine });
      for (const name of [machine.type, full, ...(machine.facts.aliases ?? [])]) {
        names.set(name, [...(names.get(name) ?? []), full]);
      }
    }
  }
  const given = provider === null ? type : `${provider}/${type}`;
  const elsewhere = names.get(type) ?? [];
  const near = elsewhere.length > 0 ? elsewhere : nearTypes(given, type, names);
  const shown = [...new Set(near)].slice(0, 3);
  return new UsageError(
    `unknown machine type "${given}"${shown.length > 0 ? `: did you mean ${shown.join(' or ')}?` : ''}`,
    { hint: 'See `gpucost rates list`, or describe it in a card of your own with --rates FILE.' },
  );
}

function nearTypes(given: string, type: string, names: ReadonlyMap<string, string[]>): string[] {
  return [...nearest(given, names.keys()), ...nearest(type, names.keys())].flatMap(
    (name) => names.get(name) ?? [],
  );
}
