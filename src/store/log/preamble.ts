import { headerName } from '../../sample/fields.ts';
import { isHeader, isNameLike } from './log-fields.ts';
import type { LogOptions } from './options.ts';
import { makePlan, type Plan } from './plan.ts';
import { exampleCommand, quoted, refusal } from './refusal.ts';
import { foreign } from './sniff.ts';

/** Lines that may precede the first row: a shell's or nvidia-smi's own words. */
const mostLinesBefore = 100;

/** What the first lines of a log say; `row` means that the line is the first row itself. */
export interface Beginning {
  readonly plan: Plan;
  readonly isRow: boolean;
}

/** Finds out what the columns are, or refuses a file that is no log. */
export class Preamble {
  private readonly source: string;
  private readonly fields: readonly string[] | undefined;
  /** What came before the first row, for the message if none comes. */
  private first: { readonly line: number; readonly text: string } | null = null;
  private lines = 0;

  constructor(source: string, options: LogOptions) {
    this.source = source;
    this.fields = options.fields;
  }

  /** Null for a line that says nothing yet. */
  read(line: number, text: string): Beginning | null {
    if (text.trim() === '') return null;
    const reason = foreign(this.source, line, text);
    if (reason !== null) throw reason;
    const cells = text.split(',');
    const beginning = this.begin(line, cells);
    if (beginning !== null) return beginning;
    this.first ??= { line, text };
    this.lines += 1;
    if (this.lines >= mostLinesBefore) throw this.nothing();
    return null;
  }

  /** The refusal of a file in which neither a header nor a row was found. */
  nothing(): Error {
    if (this.first === null) {
      return refusal(this.source, null, 'nothing in it', 'a log', `Record one: ${exampleCommand}`);
    }
    return refusal(
      this.source,
      this.first.line,
      `neither a header nor a row, but ${quoted(this.first.text)}`,
      'the output of `nvidia-smi --query-gpu=… --format=csv`',
      `Record a log with: ${exampleCommand}`,
    );
  }

  private begin(line: number, cells: readonly string[]): Beginning | null {
    const { fields, source } = this;
    const named = cells.length > 1 && cells.every(isNameLike);
    if (isHeader(cells)) {
      if (fields !== undefined) this.agree(line, cells, fields);
      return { plan: makePlan(source, line, fields ?? cells), isRow: false };
    }
    if (fields === undefined) {
      if (isRowLike(cells)) throw headless(source, line, cells);
      if (named) throw unknownHeader(source, line, cells);
      return null;
    }
    if (named && cells.length === fields.length) {
      return { plan: makePlan(source, line, fields), isRow: false };
    }
    if (!isRowLike(cells)) return null;
    if (cells.length !== fields.length) {
      throw refusal(
        source,
        line,
        `${cells.length} columns: ${numbered(cells)}`,
        `${fields.length}, as --fields names`,
        "Name every column in order, with '-' for each that is to be left out.",
      );
    }
    return { plan: makePlan(source, null, fields), isRow: true };
  }

  /** `--fields` may name columns of a header that is not understood, but not contradict one that is. */
  private agree(line: number, cells: readonly string[], fields: readonly string[]): void {
    const names = cells.map(headerName);
    const fits = names.length === fields.length;
    if (
      fits &&
      names.every((name, i) => fields[i] === '-' || headerName(fields[i] ?? '') === name)
    ) {
      return;
    }
    throw refusal(
      this.source,
      line,
      `the header ${quoted(names.join(', '))}`,
      `${quoted(fields.join(', '))}, as --fields names`,
      'Leave --fields out where the log has a header.',
    );
  }
}

function isRowLike(cells: readonly string[]): boolean {
  const isReading = (cell: string): boolean => /^\s*-?\d[\d.]*\s*(%|MiB|W|MHz|C)?\s*$/.test(cell);
  const isTime = (cell: string): boolean => /^\s*\d+[-/]\d+[-/]\d+[T ]\d+:\d+/.test(cell);
  const readings = cells.filter((cell) => isReading(cell) || isTime(cell)).length;
  return readings > 0 && (cells.length > 1 || readings === 1);
}

function numbered(cells: readonly string[]): string {
  return cells.map((cell, i) => `${i + 1}: ${quoted(cell)}`).join(', ');
}

function headless(source: string, line: number, cells: readonly string[]): Error {
  return refusal(
    source,
    line,
    `a row without a header before it (${numbered(cells)})`,
    "a header with nvidia-smi's field names",
    `Name the ${cells.length} columns in order with --fields, such as --fields timestamp,utilization.gpu,memory.used, with '-' for each that is to be left out.`,
  );
}

function unknownHeader(source: string, line: number, cells: readonly string[]): Error {
  return refusal(
    source,
    line,
    `columns of which none is known (${numbered(cells)})`,
    "nvidia-smi's field names, such as timestamp and utilization.gpu",
    `Name the ${cells.length} columns in order with --fields, with '-' for each that is to be left out.`,
  );
}
