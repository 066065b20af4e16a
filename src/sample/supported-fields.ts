import { type Field, fields } from './fields.ts';

/** The names that `nvidia-smi --help-query-gpu` offers, with their aliases. */
export function namesInHelp(lines: readonly string[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const line of lines) {
    // A property is a line of quoted names only: `"name" or "gpu_name"`; prose quotes words in sentences.
    if (!/^"[\w.]+"( or "[\w.]+")*\s*$/.test(line)) continue;
    for (const [, name] of line.matchAll(/"([\w.]+)"/g)) if (name !== undefined) names.add(name);
  }
  return names;
}

/** One column of our query: the catalogue's field under the name that this driver knows. */
export interface QueriedField {
  readonly name: string;
  readonly field: Field;
}

/** Flags of the event reasons are asked for only where the driver has no mask. */
const maskField = 'clocks_event_reasons.active';

/**
 * What to ask this driver for. The UUID comes last: a row that was cut off then ends in half a UUID
 * and can't pass for a reading.
 */
export function fieldsToQuery(offered: ReadonlySet<string>): readonly QueriedField[] {
  const known = fields.flatMap((field) => {
    const name = [field.name, ...field.aliases].find((candidate) => offered.has(candidate));
    return name === undefined ? [] : [{ name, field }];
  });
  const hasMask = known.some(({ field }) => field.name === maskField);
  const wanted = known.filter(({ field }) => !(hasMask && field.reasonBit !== undefined));
  return [
    ...wanted.filter(({ field }) => field.textFact !== 'uuid'),
    ...wanted.filter(({ field }) => field.textFact === 'uuid'),
  ];
}

/** Catalogued fields whose column the driver offers under no name at all. */
export function fieldsNotOffered(queried: readonly QueriedField[]): readonly string[] {
  const columns = new Set(queried.map(({ field }) => field.column));
  const facts = new Set(queried.map(({ field }) => field.fact ?? field.textFact));
  return fields
    .filter(
      (field) =>
        field.reasonBit === undefined &&
        field.meta === undefined &&
        (field.column === undefined || !columns.has(field.column)) &&
        (field.column !== undefined || !facts.has(field.fact ?? field.textFact)),
    )
    .map((field) => field.name);
}

/** Every field by its name today: what to try where the help can't be read. */
export const allNames: ReadonlySet<string> = new Set(fields.map((field) => field.name));
