import { crossCheck } from './cross-check.ts';
import { issueProblems } from './issues.ts';
import { problemsError } from './problem.ts';
import { readTextFile } from './read-file.ts';
import { cardSchema, type RateCard } from './schema.ts';
import { parseYaml } from './yaml-text.ts';

/** Reads a rate card; throws a UsageError that lists every problem with `path:line:column`. */
export async function readCard(path: string): Promise<RateCard> {
  return parseCard(await readTextFile(path), path);
}

/** A rate card from YAML text; `name` is what messages call the file. */
export function parseCard(text: string, name: string): RateCard {
  const yaml = parseYaml(text, name);
  const parsed = cardSchema.safeParse(yaml.value);
  const problems = parsed.success
    ? crossCheck(parsed.data, yaml)
    : issueProblems(parsed.error.issues, cardSchema, yaml);
  if (parsed.success && problems.length === 0) return parsed.data;
  throw problemsError(name, problems);
}
