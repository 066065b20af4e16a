import { createContext, Script } from 'node:vm';
import { UsageError } from '../errors.ts';
import type { Mark } from './mark.ts';
import { scaled } from './patterns.ts';

/** How a text is searched for counters. */
export interface MarkFinder {
  /** Counters of some lines, in their order; null once the search was given up because it takes too long. */
  find(lines: readonly string[]): readonly Mark[] | null;
}

/** One batch of lines may take this long; a search that can't (an expression that backtracks) is given up. */
const timeLimitMs = 50;

const groups = ['step', 'total', 'epoch', 'epochs', 'tokens'] as const;

/**
 * Searches by the user's expression, whose named groups say what is what. V8 stops it after 50 ms a batch (a vm
 * time-out also ends backtracking), and then for good: reading progress must never hold up sampling.
 * Throws UsageError for an expression that can't be, or that names no counter.
 */
export function expressionFinder(source: string): MarkFinder {
  const expression = compiled(source);
  const context = createContext({ expression, lines: [], found: [] });
  const script = new Script(
    'found = lines.map((line) => { const match = expression.exec(line); return match === null ? null : { ...match.groups }; })',
  );
  let hasGivenUp = false;
  return {
    find(lines) {
      if (hasGivenUp) return null;
      context['lines'] = lines;
      try {
        script.runInContext(context, { timeout: timeLimitMs });
      } catch (error) {
        if (!isTimeOut(error)) throw error;
        hasGivenUp = true;
        return null;
      }
      const found: unknown = context['found'];
      return Array.isArray(found) ? found.flatMap(marksOfGroups) : [];
    },
  };
}

function compiled(source: string): RegExp {
  let expression: RegExp;
  try {
    expression = new RegExp(source, 'iu');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`--progress: ${reason}`, {
      cause,
      hint: "An expression as JavaScript writes it, such as 'step (?<step>\\d+)/(?<total>\\d+)'.",
    });
  }
  const named = [...source.matchAll(/\(\?<([A-Za-z_$][\w$]*)>/g)].map(([, name]) => name);
  const unknown = named.find((name) => !groups.some((group) => group === name));
  if (unknown !== undefined) {
    throw new UsageError(`--progress: a group named "${unknown}" means nothing`, {
      hint: `Groups are ${groups.join(', ')}.`,
    });
  }
  if (!['step', 'epoch', 'tokens'].some((name) => named.includes(name))) {
    throw new UsageError('--progress: the expression names no counter', {
      hint: 'Name a group step, epoch or tokens: (?<step>\\d+).',
    });
  }
  return expression;
}

function isTimeOut(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  );
}

function marksOfGroups(match: unknown): readonly Mark[] {
  if (typeof match !== 'object' || match === null) return [];
  const named = new Map<string, unknown>(Object.entries(match));
  const value = (name: (typeof groups)[number]): number | null => {
    const text = named.get(name);
    return typeof text === 'string' ? scaled(text.replaceAll(/[,_\s]/g, '')) : null;
  };
  const mark = (unit: Mark['unit'], count: number | null, total: number | null): Mark[] =>
    count === null ? [] : [{ unit, label: '', count, total }];
  return [
    ...mark('step', value('step'), value('total')),
    ...mark('epoch', value('epoch'), value('epochs')),
    ...mark('token', value('tokens'), null),
  ];
}
