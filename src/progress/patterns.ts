import type { Mark } from './mark.ts';

/**
 * The counters in a line of output: tqdm (also under Lightning and the Hugging Face Trainer), Keras, rich bars, the
 * Trainer's dictionaries, `step 120/1000`, `Epoch 3/10`. Lines are short (newTextTap cuts them) and no pattern
 * repeats a repetition, so that none can backtrack for long.
 */
export function marksOf(line: string): readonly Mark[] {
  const bar = tqdmBar(line) ?? tqdmCount(line);
  if (bar !== null) return bar;
  const marks = [...stepMarks(line), ...epochMarks(line), ...tokenMarks(line)];
  return marks.length > 0 ? marks : bareMark(line);
}

/** tqdm.format_meter: `{desc}: {percent}%|{bar}| {n}/{total} [{elapsed}<{remaining}, {rate}{unit}/s]`. */
const tqdmLine =
  /(\d{1,3})%\|[^|]*\|\s*([\d.]+[kMGTP]?)\/([\d.]+[kMGTP]?)[^[\]]{0,20}\[([^\]]*)\]?/;

function tqdmBar(line: string): readonly Mark[] | null {
  const match = tqdmLine.exec(line);
  if (match === null) return null;
  const [, , count = '', total = '', rate = ''] = match;
  // Downloads and file copies are bars, too; their unit is bytes.
  if (/[\d?][kMGTP]?i?B\/s|s\/i?B\b/.test(rate)) return [];
  const label = line.slice(0, match.index).trim().replace(/:$/, '');
  return barMarks(label, scaled(count), scaled(total));
}

function barMarks(label: string, count: number | null, total: number | null): readonly Mark[] {
  if (count === null) return [];
  if (/^epochs?$/i.test(label)) return [{ unit: 'epoch', label: '', count, total }];
  return [{ unit: 'step', label: masked(label), count, total }, ...epochMarks(label)];
}

/** Without a total: `450it [00:10, 44.9it/s]`. */
function tqdmCount(line: string): readonly Mark[] | null {
  const match = /(?:^|[\s:])(\d+)(?:it|batch|step)s? \[[\d:]+, /.exec(line);
  if (match === null) return null;
  const label = line.slice(0, match.index).trim().replace(/:$/, '');
  return [{ unit: 'step', label: masked(label), count: Number(match[1]), total: null }];
}

const stepLine =
  /(?:^|[^a-z])(?:global[ _-]?step|steps?|iter(?:ation)?s?|batch)(?:\(train\))?["']?\s{0,20}[:=#]?\s{0,20}\[?\s{0,20}(\d{1,3}(?:,\d{3}){1,4}(?![\d,])|\d{1,15}(?!,\d{3}(?!\d)))(?![\d.]*\d*[eE.]\d)\]?(?:\s{0,20}(?:\/|of)\s{0,20}(\d{1,3}(?:,\d{3}){1,4}(?![\d,])|\d{1,15}))?/i;

/** `Total optimization steps = 1,000`, `max_steps: 500`, `Num update steps per epoch = 10` are settings, no counters. */
const settingLine =
  /steps["']?\s{0,20}=|(?:max|min|num|total|warm-?up|decay|eval|save|logging|log|accumulation|optimization|update)[ _-]steps["']?\s{0,20}:|\bper[ _-](?:step|epoch|iter)/i;

/** Keras and rich draw a bar behind `120/1000`. */
const kerasLine = /(?:^|\s)(\d{1,15})\/(\d{1,15})\s{1,4}(?:\[[=>.]|[━╸╺╶─]|\S{0,2}\d{1,9}m?s\b)/;

/** rich draws it before. */
const richLine = /[━╸╺╶─]\s{1,4}(\d{1,15})\/(\d{1,15})(?=\s|$)/;

/** mmengine, timm: `Epoch [3][120/1000]`, `Train: 3 [ 120/1000 ( 12%)]`. */
const bracketLine =
  /(?:epoch|train|iter)[^[]{0,40}(?:\[\d{1,9}\]\s?)?\[\s{0,9}(\d{1,15})\/(\d{1,15})\s{0,4}[\](]/i;

function stepMarks(line: string): readonly Mark[] {
  const match = richLine.exec(line) ?? kerasLine.exec(line) ?? bracketOf(line) ?? stepOf(line);
  if (match === null) return [];
  const total = match[2] === undefined ? null : whole(match[2]);
  return [{ unit: 'step', label: '', count: whole(match[1] ?? ''), total }];
}

function stepOf(line: string): RegExpExecArray | null {
  const match = stepLine.exec(line);
  // With a total it counts: `Total steps: 120/1000`.
  return match?.[2] === undefined && settingLine.test(line) ? null : match;
}

/** `1,000` as Python's `{:,}` writes it. */
function whole(text: string): number {
  return Number(text.replaceAll(',', ''));
}

/** `Epoch [3/10]` is an epoch, not a step. */
function bracketOf(line: string): RegExpExecArray | null {
  return /epoch\s{0,4}:?\s{0,4}\[\d+\/\d+\]/i.test(line) ? null : bracketLine.exec(line);
}

const epochLine =
  /(?:^|[^a-z])epoch["']?\s{0,20}[:=#]?\s{0,20}\[?\s{0,20}(\d{1,9}(?:\.\d{1,9})?)(?:\s{0,9}(?:\/|of)\s{0,9}(\d{1,9}))?/i;

function epochMarks(line: string): readonly Mark[] {
  const match = epochLine.exec(line);
  if (match === null || (match[2] === undefined && /per[ _-]epoch["']?\s{0,20}[:=]/i.test(line)))
    return [];
  const total = match[2] === undefined ? null : Number(match[2]);
  return [{ unit: 'epoch', label: '', count: Number(match[1]), total }];
}

/** Only names that say a sum: tokens of one batch or per second are no counter. */
const tokenLine =
  /(?:num_input_tokens_seen|num_tokens|consumed tokens|total tokens|tokens[ _](?:seen|processed|trained|consumed))["']?\s{0,9}[:=]\s{0,9}([\d,]{1,24}(?:\.\d{1,9})?(?:e\+?\d{1,2})?)\s?([kMBGT])?(?![a-z/])/i;

function tokenMarks(line: string): readonly Mark[] {
  const match = tokenLine.exec(line);
  const count = match === null ? null : scaled(`${match[1]?.replaceAll(',', '')}${match[2] ?? ''}`);
  return count === null ? [] : [{ unit: 'token', label: '', count, total: null }];
}

/** A line that holds nothing but `120/1000`. */
function bareMark(line: string): readonly Mark[] {
  const match = /^\s*(\d{1,15})\s?\/\s?(\d{1,15})\s*$/.exec(line);
  if (match === null) return [];
  return [{ unit: 'step', label: '', count: Number(match[1]), total: Number(match[2]) }];
}

/** `Epoch 3` and `Epoch 4` are one bar that is drawn anew. */
function masked(label: string): string {
  return label.replace(/\d+/g, '#').slice(-60);
}

const scales: Readonly<Record<string, number>> = {
  k: 1e3,
  M: 1e6,
  B: 1e9,
  G: 1e9,
  T: 1e12,
  P: 1e15,
};

/** `1.25k` of a bar with unit_scale; null where it is no number. */
export function scaled(text: string): number | null {
  const match = /^([\d.]+(?:e\+?\d+)?)([kMBGTP])?$/i.exec(text);
  if (match === null) return null;
  const value =
    Number(match[1]) * (scales[match[2] ?? ''] ?? scales[match[2]?.toUpperCase() ?? ''] ?? 1);
  return Number.isFinite(value) ? Math.round(value * 1e6) / 1e6 : null;
}
