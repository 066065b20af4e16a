import { z } from 'zod';
import { nearest } from './nearest.ts';
import { NumberText } from './number-text.ts';
import { type Problem, quoteShort } from './problem.ts';
import type { YamlText } from './yaml-text.ts';
import type { Path } from './yaml-values.ts';

/** More than are shown; describing thousands would take longer than reading the file. */
const mostDescribed = 100;

/** zod's issues as problems with a place: `expected …, got …`; a schema's error text is what was expected. */
export function issueProblems(
  issues: readonly z.core.$ZodIssue[],
  schema: z.ZodType,
  yaml: YamlText,
): readonly Problem[] {
  const meant = issues.slice(0, mostDescribed).flatMap((issue) => meantIssues(issue, yaml.value));
  const problems = meant.flatMap((issue): Problem[] => {
    const path = issue.path.map(stepOf);
    const number = numberAbove(yaml.value, path);
    if (number !== null) {
      const message = `expected a map of keys, got ${quoteShort(number.text)}`;
      return [{ ...yaml.place(number.path), key: dotted(number.path), message }];
    }
    if (issue.code === 'unrecognized_keys') {
      const found = valueAt(yaml.value, path);
      if (found instanceof NumberText) {
        const message = `expected a map of keys, got ${quoteShort(found.text)}`;
        return [{ ...yaml.place(path), key: dotted(path), message }];
      }
      const allowed = keysAt(schema, path);
      return issue.keys.map((key) => ({
        ...yaml.keyPlace([...path, key]),
        key: dotted([...path, key]),
        message: unknownKey(key, allowed),
      }));
    }
    if (issue.code === 'invalid_key') {
      const expected = issue.issues[0]?.message ?? 'another key';
      const message = `expected ${expected}, got ${quoteShort(String(path.at(-1)))}`;
      return [{ ...yaml.keyPlace(path), key: dotted(path), message }];
    }
    const value = valueAt(yaml.value, path);
    return [{ ...yaml.place(path), key: dotted(path), message: wrongValue(issue, value) }];
  });
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

/** Where a map is one of several forms, what is wrong within it, rather than that it is none of them. */
function meantIssues(issue: z.core.$ZodIssue, value: unknown): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const found = valueAt(value, issue.path.map(stepOf));
  if (!isMap(found)) return [issue];
  const within = issue.errors.find((branch) =>
    branch.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
  );
  return (within ?? [issue]).map((inner) =>
    inner === issue ? issue : { ...inner, path: [...issue.path, ...inner.path] },
  );
}

function isMap(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof NumberText)
  );
}

function stepOf(step: PropertyKey): string | number {
  return typeof step === 'symbol' ? String(step) : step;
}

/** A number where zod, which sees an object in it, looked for keys. */
function numberAbove(value: unknown, path: Path): { path: Path; text: string } | null {
  for (let length = 0; length < path.length; length += 1) {
    const above = path.slice(0, length);
    const at = valueAt(value, above);
    if (at instanceof NumberText) return { path: above, text: at.text };
  }
  return null;
}

function unknownKey(key: string, allowed: readonly string[]): string {
  if (/^\d+$/.test(key)) {
    return `expected a known key, got ${quoteShort(key)}: a decimal comma? Write 2.50, not 2,50`;
  }
  const near = nearest(key, allowed);
  const hint =
    near.length > 0 ? `did you mean ${near.join(' or ')}?` : `known keys: ${list(allowed)}`;
  return `expected a known key, got ${quoteShort(key)}; ${hint}`;
}

function wrongValue(issue: z.core.$ZodIssue, value: unknown): string {
  const expected = expectation(issue);
  if (value === undefined) return `expected ${expected}, got nothing: the key is required`;
  if (value instanceof NumberText) return `expected ${expected}, got ${quoteShort(value.text)}`;
  if (value === null) return `expected ${expected}, got null`;
  if (Array.isArray(value)) return `expected ${expected}, got a list`;
  if (typeof value === 'object') return `expected ${expected}, got a map`;
  if (typeof value !== 'string') return `expected ${expected}, got ${JSON.stringify(value)}`;
  const shown = quoteShort(value);
  if (/^\d+,\d+$/.test(value)) return `expected ${expected}, got ${shown}: a decimal comma?`;
  const quoted = /^\d+(\.\d+)?$/.test(value) && /number|decimal|share/.test(expected);
  return `expected ${expected}, got ${shown}${quoted ? ': a text, leave out the quotes' : ''}`;
}

/** zod's own words where a schema has none (an object that is a list, for example). */
function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_type' || !issue.message.startsWith('Invalid input'))
    return issue.message;
  return (
    new Map([
      ['object', 'a map of keys'],
      ['record', 'a map of names'],
      ['array', 'a list'],
    ]).get(issue.expected) ?? `a ${issue.expected}`
  );
}

/** The keys that a schema knows at a path, or none where it takes any. */
function keysAt(schema: z.ZodType, path: Path): readonly string[] {
  let at: unknown = schema;
  for (const step of path) {
    const inner = unwrap(at);
    if (inner instanceof z.ZodObject) at = inner.shape[String(step)];
    else if (inner instanceof z.ZodRecord) at = inner.valueType;
    else if (inner instanceof z.ZodArray) at = inner.element;
    else return [];
  }
  const last = unwrap(at);
  return last instanceof z.ZodObject ? Object.keys(last.shape) : [];
}

function unwrap(schema: unknown): unknown {
  if (schema instanceof z.ZodUnion) {
    return schema.options.map(unwrap).find((option) => option instanceof z.ZodObject) ?? schema;
  }
  return schema instanceof z.ZodOptional || schema instanceof z.ZodNullable
    ? unwrap(schema.unwrap())
    : schema;
}

/** The value at a path of a document; undefined where there is none. */
export function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = Object.hasOwn(at, step) ? Reflect.get(at, step) : undefined;
  }
  return at;
}

/** `machines.p5.48xlarge.prices[0].per_hour`. */
export function dotted(path: Path): string {
  return path
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`))
    .join('');
}

function list(words: readonly string[]): string {
  return words.length === 0 ? 'another key' : words.join(', ');
}
