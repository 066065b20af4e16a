import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CompiledCards } from './built-in.ts';
import { gpuTableSchema } from './gpu-schema.ts';
import { issueProblems } from './issues.ts';
import { problemsError } from './problem.ts';
import { parseCard } from './read-card.ts';
import { parseYaml } from './yaml-text.ts';

/**
 * Checks every card of a folder and its gpus.yaml and writes them as JSON: the build's part of loading them fast.
 * Throws a UsageError with the problems of the first file that is wrong.
 */
export function compileRates(from: string, to: string): void {
  const files = readdirSync(from).filter((file) => file.endsWith('.yaml') && file !== 'gpus.yaml');
  const cards: CompiledCards['cards'] = files.toSorted().map((file) => ({
    file,
    card: parseCard(readFileSync(join(from, file), 'utf8'), join(from, file)),
  }));
  const gpus = parseGpuTable(
    readFileSync(join(from, 'gpus.yaml'), 'utf8'),
    join(from, 'gpus.yaml'),
  );
  mkdirSync(to, { recursive: true });
  writeFileSync(join(to, 'cards.json'), JSON.stringify({ cards } satisfies CompiledCards));
  writeFileSync(join(to, 'gpus.json'), JSON.stringify(gpus));
}

function parseGpuTable(text: string, name: string) {
  const yaml = parseYaml(text, name);
  const parsed = gpuTableSchema.safeParse(yaml.value);
  if (parsed.success) return parsed.data;
  throw problemsError(name, issueProblems(parsed.error.issues, gpuTableSchema, yaml));
}
