import type { YAMLError } from 'yaml';
import { Lexer, LineCounter, parseDocument } from 'yaml';
import { type Place, type Problem, problemsError, quoteShort } from './problem.ts';
import { type Path, YamlValues } from './yaml-values.ts';

/** A YAML document as plain values (numbers as NumberText), and where each of them stands. */
export interface YamlText {
  readonly value: unknown;
  /** Where a value stands; the nearest one around it where it does not exist. */
  place(path: Path): Place;
  /** Where the key of a value stands. */
  keyPlace(path: Path): Place;
}

const maxNesting = 50;

/** Three times what the largest built-in card has. */
const maxTokens = 100_000;

/** Tokens of yaml's lexer that announce what comes and have no text of their own: document, flow end, scalar. */
const markers: ReadonlySet<string> = new Set(['\u0002', '\u0018', '\u001f']);

/** Parses one YAML document; throws a UsageError that lists all problems with `name:line:column`. */
export function parseYaml(source: string, name: string): YamlText {
  const excess = findExcess(source);
  if (excess !== null) throw problemsError(name, [excess]);

  const lines = new LineCounter();
  // Unique keys are checked in YamlValues: yaml compares each with each, 4 s for 256 kB of keys.
  const document = parseDocument(source, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
  });
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const errors = [...document.errors, ...document.warnings];
  if (errors.length > 0) {
    throw problemsError(
      name,
      errors.map((error) => ({ ...at(error.pos[0]), ...explain(error, source) })),
    );
  }

  const values = new YamlValues(document);
  if (values.faults.length > 0) {
    throw problemsError(
      name,
      values.faults.map(({ offset, key, message }) => ({ ...at(offset), key, message })),
    );
  }
  return {
    value: values.value,
    place: (path) => at(values.offsetOf(path)),
    keyPlace: (path) => at(values.keyOffsetOf(path)),
  };
}

/**
 * What no card needs, seen before the parser runs: deep nesting overflows its stack, which aborts Node,
 * and it takes seconds for 256 kB of single letters. The lexer is a loop and takes a tenth of that.
 */
function findExcess(source: string): Problem | null {
  let offset = 0;
  let tokens = 0;
  let brackets = 0;
  let indicators = 0;
  for (const token of new Lexer().lex(source)) {
    const isMarker = markers.has(token);
    tokens += 1;
    if (token === '[' || token === '{') brackets += 1;
    else if ((token === ']' || token === '}') && brackets > 0) brackets -= 1;
    else if (token === '-' || token === '?') indicators += 1;
    else if (token.includes('\n') || (!isMarker && token.trim() !== '')) indicators = 0;
    if (brackets > maxNesting || indicators > maxNesting) {
      return problemAt(
        source,
        offset,
        `expected at most ${maxNesting} levels of nesting, got more`,
      );
    }
    if (tokens > maxTokens) {
      return problemAt(source, offset, `expected at most ${maxTokens} words and signs, got more`);
    }
    if (!isMarker) offset += token.length;
  }
  return null;
}

function problemAt(source: string, offset: number, message: string): Problem {
  const before = source.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, key: '', message };
}

function explain(error: YAMLError, source: string): { key: string; message: string } {
  const found = source.slice(error.pos[0], error.pos[1]).split('\n')[0] ?? '';
  if (error.code === 'TAB_AS_INDENT') {
    return { key: '', message: 'expected spaces as indentation, got a tab' };
  }
  if (error.code === 'MULTIPLE_DOCS') {
    return { key: '', message: 'expected one document a file, got a second one' };
  }
  const tab = found.startsWith('\t') ? ' (a tab: YAML is indented with spaces)' : '';
  return { key: '', message: `expected YAML, got ${quoteShort(found)}${tab}: ${error.message}` };
}
