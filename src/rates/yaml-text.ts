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

/** Tokens of yaml's lexer that announce what comes and have no text of their own: document, flow end, scalar. */
const markers: ReadonlySet<string> = new Set(['\u0002', '\u0018', '\u001f']);

/** Parses one YAML document; throws a UsageError that lists all problems with `name:line:column`. */
export function parseYaml(source: string, name: string): YamlText {
  // Deep nesting overflows the parser's stack and aborts Node: the lexer, which is a loop, looks first.
  const tooDeep = findDeepNesting(source);
  if (tooDeep !== null) throw problemsError(name, [deepProblem(source, tooDeep)]);

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

/** Offset at which brackets, dashes or question marks nest deeper than any card does; null if none do. */
function findDeepNesting(source: string): number | null {
  let offset = 0;
  let brackets = 0;
  let indicators = 0;
  for (const token of new Lexer().lex(source)) {
    const hasText = !markers.has(token);
    if (token === '[' || token === '{') brackets += 1;
    else if ((token === ']' || token === '}') && brackets > 0) brackets -= 1;
    else if (token === '-' || token === '?') indicators += 1;
    else if (hasText && token.trim() !== '') indicators = 0;
    else if (token.includes('\n')) indicators = 0;
    if (brackets > maxNesting || indicators > maxNesting) return offset;
    if (hasText) offset += token.length;
  }
  return null;
}

function deepProblem(source: string, offset: number): Problem {
  const before = source.slice(0, offset).split('\n');
  return {
    line: before.length,
    column: (before.at(-1)?.length ?? 0) + 1,
    key: '',
    message: `expected at most ${maxNesting} levels of nesting, got more`,
  };
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
