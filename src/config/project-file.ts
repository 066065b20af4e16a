import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { issueProblems } from '../rates/issues.ts';
import { problemsError } from '../rates/problem.ts';
import { readTextFile } from '../rates/read-file.ts';
import { parseYaml, type YamlText } from '../rates/yaml-text.ts';
import { type ProjectSettings, projectSchema } from './project-schema.ts';

export const projectFileName = '.gpucost.yaml';

/** A project's settings, and where its values stand for messages about them. */
export interface ProjectFile {
  readonly path: string;
  readonly settings: ProjectSettings;
  readonly yaml: YamlText;
}

/** The project file of this folder or the nearest one above it; null where there is none. */
export async function findProjectFile(folder: string): Promise<ProjectFile | null> {
  const path = join(folder, projectFileName);
  if (await isFile(path)) return parseProject(await readTextFile(path), path);
  const above = dirname(folder);
  return above === folder ? null : findProjectFile(above);
}

/** Settings from YAML text; throws a UsageError that lists every problem with `path:line:column`. */
export function parseProject(text: string, path: string): ProjectFile {
  const yaml = parseYaml(text, path);
  const parsed = projectSchema.safeParse(yaml.value ?? {});
  if (!parsed.success) {
    throw problemsError(path, issueProblems(parsed.error.issues, projectSchema, yaml));
  }
  const { rates } = parsed.data;
  const settings =
    rates === undefined
      ? parsed.data
      : { ...parsed.data, rates: rates.map((card) => resolve(dirname(path), card)) };
  return { path, settings, yaml };
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    // Not there, or in a folder that can't be looked into: then it is not this user's project either.
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}
