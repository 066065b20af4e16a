import { UsageError } from '../errors.ts';

/** How a machine was told from the others of an invoice: named by the user, or the only one that fits. */
export type ChosenBy = 'flag' | 'type' | 'type-and-region';

/** A resource with machine time in the window. */
export interface Candidate {
  readonly resource: string;
  readonly types: readonly string[];
  readonly region: string | null;
}

interface Wanted {
  readonly resource: string | null;
  readonly type: string | null;
  readonly region: string | null;
}

/**
 * The resource that is this machine: the one that was named, else the only one of its type, in its region where both
 * are known. Throws a UsageError with what the invoice has instead where none or several fit; `outside` is the time of
 * the rows that lie outside of the window (start after end: there are none).
 */
export function chooseResource(
  candidates: readonly Candidate[],
  wanted: Wanted,
  outside: { readonly startMs: number; readonly endMs: number },
): { readonly resource: string; readonly chosenBy: ChosenBy } {
  if (wanted.resource !== null) {
    const [named, other] = candidates;
    if (named === undefined) throw nothing(wanted.resource, outside);
    if (other !== undefined) throw several(candidates, wanted.resource);
    return { resource: named.resource, chosenBy: 'flag' };
  }

  const { type, region } = wanted;
  const name = type ?? 'a machine of unknown type';
  if (candidates.length === 0) throw nothing(name, outside);
  const ofType = candidates.filter(({ types }) => types.some((t) => isSame(t, type)));
  if (ofType.length === 0) throw otherMachines(candidates, `of ${name}`);

  const there = ofType.filter((candidate) => isSame(candidate.region, region));
  const anywhere = ofType.filter((candidate) => region === null || candidate.region === null);
  const [only, second] = there.length > 0 ? there : anywhere;
  if (only === undefined) throw otherMachines(ofType, `of ${name} in ${region ?? ''}`);
  if (second !== undefined) throw several(there.length > 0 ? there : anywhere, name);
  return { resource: only.resource, chosenBy: there.length > 0 ? 'type-and-region' : 'type' };
}

/** True for one type or region; regions are written with blanks or without: `East US`, `eastus`. */
export function isSame(a: string | null, b: string | null): boolean {
  return a !== null && b !== null && bare(a) === bare(b);
}

function bare(text: string): string {
  return text.toLowerCase().replace(/[ _]/g, '');
}

function nothing(name: string, outside: { startMs: number; endMs: number }): UsageError {
  const message = `the invoice has no machine time of ${name} in this window`;
  const hint =
    outside.startMs < outside.endMs
      ? `Its rows are from ${iso(outside.startMs)} to ${iso(outside.endMs)}: take the invoice of the window, or change --since and --until.`
      : 'Name the machine by its id on the invoice (--resource ID), and check that the export has resource ids.';
  return new UsageError(message, { hint });
}

function otherMachines(candidates: readonly Candidate[], what: string): UsageError {
  return new UsageError(`the invoice has no machine time ${what} in this window`, {
    hint: `It has ${listed(candidates)}. If one of them is this machine, name it: --resource ID.`,
  });
}

function several(candidates: readonly Candidate[], name: string): UsageError {
  return new UsageError(`the invoice has ${candidates.length} machines of ${name} in this window`, {
    hint: `Name one of them (--resource ID): ${listed(candidates)}.`,
  });
}

/** Those of a known type first: addresses and gateways are charged by the hour as well. */
function listed(candidates: readonly Candidate[]): string {
  const names = candidates
    .toSorted((a, b) => Number(b.types.length > 0) - Number(a.types.length > 0))
    .map(({ resource, types, region }) => {
      const about = [...types, region].filter((part) => part !== null).join(' ');
      return about === '' ? clip(resource) : `${clip(resource)} (${clip(about)})`;
    });
  const more = names.length > mostListed ? ', and others' : '';
  return names.slice(0, mostListed).join(', ') + more;
}

const mostListed = 5;

/** A cell can be a megabyte long. */
function clip(text: string): string {
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
