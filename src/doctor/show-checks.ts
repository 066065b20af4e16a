import { Chalk, type ColorSupportLevel } from 'chalk';
import { plain, wrap } from '../render/text.ts';
import type { Check, CheckStatus } from './check.ts';

export interface ShowOptions {
  /** 0 is no colour, as chalk counts. */
  readonly colorLevel: ColorSupportLevel;
  readonly width: number;
  /** False where only ASCII can be shown. */
  readonly unicode: boolean;
}

/** Lines longer than this are hard to read, however wide the terminal is. */
const widestText = 110;

/** The checks as text for a person: one block each, what to do under what was found, and a last line that counts. */
export function showChecks(checks: readonly Check[], options: ShowOptions): string {
  const chalk = new Chalk({ level: options.colorLevel });
  const paint: Readonly<Record<CheckStatus, (text: string) => string>> = {
    ok: chalk.green,
    warn: chalk.yellow,
    fail: chalk.red,
    skip: chalk.dim,
  };
  const marks = options.unicode ? unicodeMarks : asciiMarks;
  const arrow = options.unicode ? '→ ' : '-> ';
  const titleWidth = Math.max(...checks.map(({ title }) => title.length));
  const markWidth = Math.max(...Object.values(marks).map((mark) => mark.length));
  const indent = markWidth + 1 + titleWidth + 2;
  const textWidth = Math.max(20, Math.min(options.width, widestText) - indent);
  const under = `\n${' '.repeat(indent)}`;

  const blocks = foldSkipped(checks).map(({ title, status, found, next }) => {
    const mark = paint[status](marks[status].padEnd(markWidth));
    const said = wrap(plain(found), textWidth).join(under);
    const text = status === 'skip' ? chalk.dim(said) : said;
    const lines = `${mark} ${chalk.bold(title.padEnd(titleWidth))}  ${text}`;
    if (next === null) return lines;
    const [first = '', ...rest] = wrap(plain(next), textWidth - arrow.length);
    const steps = [arrow + first, ...rest.map((line) => ' '.repeat(arrow.length) + line)];
    return `${lines}${under}${steps.map((line) => chalk.cyan(line)).join(under)}`;
  });
  return `${blocks.join('\n')}\n\n${summary(checks, paint)}\n`;
}

/** Checks that were skipped for the same reason become one line: after the first failure there can be many. */
function foldSkipped(
  checks: readonly Check[],
): readonly Pick<Check, 'title' | 'status' | 'found' | 'next'>[] {
  return checks.flatMap((check, i) => {
    if (check.status !== 'skip') return [check];
    const alike = (other: Check | undefined): other is Check =>
      other?.status === 'skip' && other.found === check.found;
    if (alike(checks[i - 1])) return [];
    let end = i + 1;
    while (alike(checks[end])) end += 1;
    if (end === i + 1) return [check];
    const titles = checks.slice(i, end).map(({ title }) => title);
    return [{ ...check, title: 'Skipped', found: `${titles.join(', ')}: ${check.found}` }];
  });
}

const unicodeMarks: Readonly<Record<CheckStatus, string>> = {
  ok: '✓',
  warn: '!',
  fail: '✗',
  skip: '·',
};

const asciiMarks: Readonly<Record<CheckStatus, string>> = {
  ok: 'ok',
  warn: 'warn',
  fail: 'FAIL',
  skip: '-',
};

function summary(
  checks: readonly Check[],
  paint: Readonly<Record<CheckStatus, (text: string) => string>>,
): string {
  const count = countByStatus(checks);
  const parts = [
    paint.ok(`${count.ok} ok`),
    ...(count.warn > 0
      ? [paint.warn(count.warn === 1 ? '1 warning' : `${count.warn} warnings`)]
      : []),
    ...(count.fail > 0 ? [paint.fail(`${count.fail} failed`)] : []),
    ...(count.skip > 0 ? [paint.skip(`${count.skip} skipped`)] : []),
  ];
  const verdict =
    count.fail > 0 ? "gpucost watch can't do its job here yet." : 'gpucost watch works here.';
  return `${parts.join(', ')}. ${verdict}`;
}

export function countByStatus(checks: readonly Check[]): Readonly<Record<CheckStatus, number>> {
  const of = (status: CheckStatus): number =>
    checks.filter((check) => check.status === status).length;
  return { ok: of('ok'), warn: of('warn'), fail: of('fail'), skip: of('skip') };
}
