import { UsageError } from '../errors.ts';
import type { OpenSource } from './source.ts';

/** One log given twice, or beside its own packed copy, would be billed twice where it has no UUIDs to tell. */
export function refuseTwins(sources: readonly OpenSource[]): void {
  const seen = new Map<string, string>();
  for (const source of sources) {
    const { beginning, recording } = source;
    if (beginning === null || source.gpus.some((gpu) => gpu.uuid !== null)) continue;
    const twin = seen.get(beginning);
    if (twin !== undefined) {
      throw new UsageError(`${twin} and ${recording.name} begin with the same readings`, {
        hint: 'They look like one log held twice, and would be billed twice: give one of them.',
      });
    }
    seen.set(beginning, recording.name);
  }
}

/** Recordings of one host, or that share a GPU's UUID, are one machine. */
export function groupByMachine(sources: readonly OpenSource[]): OpenSource[][] {
  const groups: { keys: Set<string>; sources: OpenSource[] }[] = [];
  for (const source of sources) {
    const keys = new Set<string>(
      source.gpus.flatMap((gpu) => (gpu.uuid === null ? [] : [gpu.uuid])),
    );
    if (source.recording.host) keys.add(`host ${source.recording.host.key}`);
    const joined = { keys, sources: [source] };
    for (const group of groups.filter((g) => overlaps(g.keys, keys))) {
      for (const key of group.keys) joined.keys.add(key);
      joined.sources.unshift(...group.sources);
      groups.splice(groups.indexOf(group), 1);
    }
    groups.push(joined);
  }
  return groups.map((g) => g.sources);
}

function overlaps(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  for (const key of b) if (a.has(key)) return true;
  return false;
}
