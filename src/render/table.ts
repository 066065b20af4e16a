import { Chalk } from 'chalk';
import Table from 'cli-table3';
import type { Align, Canvas } from './canvas.ts';
import type { Renderer, RenderOptions } from './renderer.ts';
import { findingLines } from './table-findings.ts';
import { gateLines } from './table-gates.ts';
import { gpuLines } from './table-gpus.ts';
import { groupLines } from './table-groups.ts';
import { headlineLines } from './table-headline.ts';
import { idleLines } from './table-idle.ts';
import { noteLines } from './table-notes.ts';
import { reconciliationLines } from './table-reconciliation.ts';
import { stateLines } from './table-states.ts';
import { timelineLines } from './table-timeline.ts';
import { workLines } from './table-work.ts';

/** The report for a terminal: the answers first, then each GPU, then what to know about the numbers. */
export const renderTable: Renderer = (report, options) => {
  const canvas = createCanvas(options);
  const blocks = [
    headlineLines(report, canvas),
    gateLines(report, canvas),
    stateLines(report, canvas),
    workLines(report, canvas),
    reconciliationLines(report, canvas),
    findingLines(report, canvas),
    gpuLines(report, canvas),
    groupLines(report, canvas),
    timelineLines(report, canvas),
    idleLines(report, canvas),
    noteLines(report, canvas),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => line.trimEnd()).join('\n'))
    .join('\n\n')}\n`;
};

const narrowest = 60;
const widest = 160;

/** What the table's parts draw with. */
export function createCanvas(options: RenderOptions): Canvas {
  const chalk = new Chalk({ level: options.colorLevel });
  return {
    width: Math.min(widest, Math.max(narrowest, options.width)),
    unicode: options.unicode,
    verbose: options.verbose,
    dash: options.unicode ? '–' : '-',
    arrow: options.unicode ? '→' : '->',
    times: options.unicode ? '×' : 'x',
    dot: options.unicode ? '·' : '|',
    ellipsis: options.unicode ? '…' : '...',
    paint: {
      bold: (text) => chalk.bold(text),
      dim: (text) => chalk.dim(text),
      red: (text) => chalk.red(text),
      yellow: (text) => chalk.yellow(text),
      green: (text) => chalk.green(text),
      cyan: (text) => chalk.cyan(text),
      magenta: (text) => chalk.magenta(text),
    },
    columns: layOut,
  };
}

function layOut(rows: readonly (readonly string[])[], align: readonly Align[]): string[] {
  const table = new Table({
    chars: borderless,
    colAligns: [...align],
    style: { 'padding-left': 0, 'padding-right': 2, head: [], border: [], compact: true },
  });
  table.push(...rows.map((cells) => [...cells]));
  return table.toString().split('\n');
}

const borderless = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};
