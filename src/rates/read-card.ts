import { UsageError } from '../errors.ts';
import { crossCheck } from './cross-check.ts';
import { issueProblems } from './issues.ts';
import { type Place, problemsError, quoteShort } from './problem.ts';
import { readTextFile } from './read-file.ts';
import { cardSchema, type RateCard } from './schema.ts';
import { parseYaml } from './yaml-text.ts';

/** Reads a rate card; throws a UsageError that lists every problem with `path:line:column`. */
export async function readCard(path: string): Promise<RateCard> {
  return parseCard(await readTextFile(path), path);
}

/** A rate card from YAML text; `name` is what messages call the file. */
export function parseCard(text: string, name: string): RateCard {
  try {
    return parse(text, name);
  } catch (error) {
    // A page of what YAML and card lack does not say what is wrong with a file of another kind.
    if (!(error instanceof UsageError) || cardKey.test(text)) throw error;
    if (error.message.split('\n').length <= mostTold) throw error;
    const [line = ''] = text.split('\n').filter((each) => each.trim() !== '');
    throw noCard(name, { line: 1, column: 1 }, '', quoteShort(line.trim()));
  }
}

/** A key that every card has, as YAML or JSON writes it: with one of them, what is missing is named. */
const cardKey = /^[\s{]*["']?(?:schema|provider|machines)["']?\s*:/m;

/** So few problems say more than that it is no card. */
const mostTold = 2;

function parse(text: string, name: string): RateCard {
  const yaml = parseYaml(text, name);
  const other = otherSchema(yaml.value);
  if (other !== null) throw noCard(name, yaml.place(['schema']), 'schema: ', quoteShort(other));
  const parsed = cardSchema.safeParse(yaml.value);
  const problems = parsed.success
    ? crossCheck(parsed.data, yaml)
    : issueProblems(parsed.error.issues, cardSchema, yaml);
  if (parsed.success && problems.length === 0) return parsed.data;
  throw problemsError(name, problems);
}

/** The schema of another of our files, or of somebody else's; null for a card of any version, and where none is named. */
function otherSchema(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('schema' in value)) return null;
  const { schema } = value;
  const isOther = typeof schema === 'string' && /^gpucost\.(?!rates)/.test(schema);
  return isOther ? schema : null;
}

function noCard(name: string, { line, column }: Place, key: string, found: string): UsageError {
  return new UsageError(
    `${name}:${line}:${column}: ${key}expected a rate card (YAML with schema: gpucost.rates/1, provider, currency and machines), got ${found}`,
  );
}
