import type { Whatif, WhatifMachine, WhatifOptionEntry } from '../whatif/schema.ts';
import type { Canvas } from './canvas.ts';
import { daysBetween, duration, moneyFormat, number, percent, price, reading } from './format.ts';
import { escape } from './markdown.ts';
import type { RenderOptions } from './renderer.ts';
import { createCanvas } from './table.ts';
import { plain, width as widthOf, wrap } from './text.ts';
import type { WhatifFormat } from './whatif-formats.ts';

/** How an answer of `gpucost whatif` looks; `verbose` lists every machine rather than the first ten. */
export const whatifRenderers: Readonly<
  Record<WhatifFormat, (whatif: Whatif, options: RenderOptions) => string>
> = {
  table: renderTable,
  json: (whatif) => `${JSON.stringify(whatif, null, 2)}\n`,
  markdown: renderMarkdown,
};

const firstShown = 10;

function renderTable(whatif: Whatif, options: RenderOptions): string {
  const canvas = createCanvas(options);
  const blocks = whatif.machines.map((machine) => machineLines(machine, whatif, canvas));
  const warnings = whatif.warnings.flatMap(({ message }) =>
    wrap(`warning: ${plain(message)}`, canvas.width),
  );
  return `${[...blocks, ...(warnings.length > 0 ? [warnings] : [])]
    .map((lines) => lines.map((line) => line.trimEnd()).join('\n'))
    .join('\n\n')}\n`;
}

function machineLines(machine: WhatifMachine, whatif: Whatif, canvas: Canvas): string[] {
  const { paint, width } = canvas;
  const shown = shownOptions(machine, canvas.verbose);
  return [
    paint.bold(headText(machine, canvas.times)),
    ...sentences(machine).flatMap((text) => wrap(text, width)),
    ...(shown.length === 0
      ? []
      : [
          '',
          ...optionLines(shown, machine, whatif, canvas),
          '',
          ...wrap(bandText, width).map((line) => paint.dim(line)),
        ]),
    ...notesOf(machine, shown).flatMap((note) => wrap(`- ${plain(note)}`, width)),
    ...leftOutText(machine, shown.length).flatMap((text) => wrap(text, width)),
  ];
}

/** One line an option; two where the terminal is too narrow for that. */
function optionLines(
  shown: readonly WhatifOptionEntry[],
  machine: WhatifMachine,
  whatif: Whatif,
  canvas: Canvas,
): readonly string[] {
  const { paint, width } = canvas;
  const table = (detail: Detail, from: number) =>
    canvas.columns(
      [
        heads.map((head) => paint.dim(head)),
        ...shown.map((option) => cellsOf(option, machine, whatif, canvas, detail)),
      ].map((cells) => cells.slice(from)),
      aligned.slice(from),
    );
  for (const detail of ['full', 'short'] as const) {
    const wide = table(detail, 0);
    if (wide.every((line) => widthOf(line.trimEnd()) <= width)) return wide;
  }
  const [head = '', ...figures] = table('short', 2);
  return [
    `  ${head}`,
    ...figures.flatMap((line, i) => {
      const option = shown[i];
      if (option === undefined) return [];
      const [name, gpus] = cellsOf(option, machine, whatif, canvas, 'short');
      return [`${name}, ${gpus}`, `  ${line}`];
    }),
  ];
}

type Detail = 'short' | 'full';

function renderMarkdown(whatif: Whatif, { verbose }: RenderOptions): string {
  const blocks = whatif.machines.map((machine) => {
    const shown = shownOptions(machine, verbose);
    const rows = shown.map((option) =>
      cellsOf(option, machine, whatif, { dash: '–', times: '×' }, 'full'),
    );
    return [
      `### gpucost whatif: ${escape(headText(machine, '×'))}`,
      '',
      ...sentences(machine).map(escape),
      ...(rows.length === 0
        ? []
        : [
            '',
            `| ${heads.join(' | ')} |`,
            `|${aligned.map((align) => (align === 'right' ? '--:' : ':--')).join('|')}|`,
            ...rows.map((cells) => `| ${cells.map(escape).join(' | ')} |`),
            '',
            escape(bandText),
          ]),
      '',
      ...notesOf(machine, shown).map((note) => `- ${escape(plain(note))}`),
      ...leftOutText(machine, shown.length).map(escape),
    ].join('\n');
  });
  return `${blocks.join('\n\n').trimEnd()}\n`;
}

const heads = [
  'machine',
  'GPUs',
  'time',
  'work costs',
  'cheaper',
  'even at',
  'memory',
  'host',
  'price/h',
];
const aligned = [
  'left',
  'left',
  'right',
  'right',
  'left',
  'right',
  'left',
  'left',
  'left',
] as const;

const bandText =
  'time: of what the same work takes here, between the ratios of bandwidth and of dense FLOP rates, waits not slowed and disk and network as good as here; even at: the time at which it costs as much as here.';

/** Of each provider and GPU the best; all with `all`. */
function shownOptions({ options }: WhatifMachine, all: boolean): readonly WhatifOptionEntry[] {
  if (all) return options;
  const seen = new Set<string>();
  const best = options.filter(({ provider, gpu }) => {
    const name = `${provider} ${gpu}`;
    return !seen.has(name) && seen.add(name);
  });
  return best.slice(0, firstShown);
}

function headText({ current, host }: WhatifMachine, times: string): string {
  const { provider, type, gpu, gpus, rate } = current;
  const machine = type === null ? 'a machine of unknown type' : `${provider ?? '?'}/${type}`;
  const priced = rate === null ? '' : `, ${price(rate.currency, rate.perHour)}/h`;
  return plain(
    `${host === null ? '' : `${host}: `}${machine}, ${gpus} ${times} ${gpu ?? 'unknown GPU'}${priced}`,
  );
}

function sentences({ work, refused, current }: WhatifMachine): readonly string[] {
  if (work === null) return [`Not answered: ${plain(refused ?? 'the need is not known')}.`];
  const { hours, idleHours, gpusAtWork, busyShare, load, memoryPeakMib, host, cost } = work;
  const { rate } = current;
  const spent =
    cost === null || rate === null ? '' : `, ${moneyFormat(rate.currency, cost).text(cost)}`;
  const loads = load === null ? 'load unknown' : `load ${percent(load)}`;
  return [
    `${duration(hours * 3_600_000)} of work on ${gpusAtWork} ${gpusAtWork === 1 ? 'GPU' : 'GPUs'}${spent}: busy ${percent(busyShare)} of it, ${loads}, memory at most ${reading(memoryPeakMib, 'MiB')}${hostText(host)}. Billed beside it and not compared: ${duration(idleHours * 3_600_000)} without work.`,
  ];
}

function cellsOf(
  option: WhatifOptionEntry,
  { current }: WhatifMachine,
  whatif: Whatif,
  { dash, times }: Pick<Canvas, 'dash' | 'times'>,
  detail: Detail,
): readonly string[] {
  const { slowdown, cost, memory, rate, breakEvenSlowdown, cheaper } = option;
  const type = option.type ?? current.type;
  const name = type === null ? 'this machine' : `${option.provider ?? current.provider}/${type}`;
  const purchase =
    option.purchase === 'on-demand' || option.purchase === null ? '' : ` ${option.purchase}`;
  return [
    plain(`${name}${purchase}`),
    plain(`${option.gpusUsed} ${times} ${option.gpu}`),
    memory.verdict === 'too-small'
      ? 'does not run'
      : slowdown === null
        ? 'unknown'
        : rangeText(slowdown, (value) => value.toFixed(2), dash),
    memory.verdict === 'too-small' ? dash : cost === null ? 'unknown' : costText(cost, dash),
    cheaper ?? 'unknown',
    breakEvenSlowdown === null ? 'unknown' : breakEvenSlowdown.toFixed(2),
    detail === 'short'
      ? memoryWords[memory.verdict]
      : `${memoryWords[memory.verdict]}: ${gib(memory.neededMib.high)} of ${gib(memory.deviceMib)} GiB`,
    hostCell(option.host, detail),
    rate === null
      ? 'no price'
      : `${price(rate.currency, rate.perHour)}${detail === 'short' ? '' : ` ${ageText(rate.asOf, whatif)}`}`,
  ];
}

const hostWords = { carries: 'fits', 'too-small': 'too small', 'not-compared': '?' } as const;

/** `fits: 48 vCPUs, 192 GiB`; a question mark where it was not compared. */
function hostCell(
  { verdict, vcpus, memoryGib }: WhatifOptionEntry['host'],
  detail: Detail,
): string {
  const size = [
    ...(vcpus === null ? [] : [`${number(vcpus)} vCPUs`]),
    ...(memoryGib === null ? [] : [`${number(memoryGib)} GiB`]),
  ].join(', ');
  if (detail === 'full') return size === '' ? hostWords[verdict] : `${hostWords[verdict]}: ${size}`;
  return vcpus === null ? hostWords[verdict] : `${hostWords[verdict]}: ${number(vcpus)} vCPUs`;
}

function hostText({ cores, memoryGib }: NonNullable<WhatifMachine['work']>['host']): string {
  const parts = [
    ...(cores === null ? [] : [`${number(Math.round(cores * 10) / 10)} cores`]),
    ...(memoryGib === null ? [] : [`${number(Math.round(memoryGib))} GiB`]),
  ];
  return parts.length === 0 ? '' : `, of the host ${parts.join(' and ')}`;
}

const memoryWords = { fits: 'fits', 'too-small': 'too small', unknown: 'perhaps' } as const;

function gib(mib: number): string {
  return number(Math.round((mib / 1024) * 10) / 10);
}

function rangeText(
  { low, high }: { readonly low: number; readonly high: number | null },
  text: (value: number) => string,
  dash: string,
): string {
  if (high === null) return `from ${text(low)}`;
  return text(low) === text(high) ? text(low) : `${text(low)}${dash}${text(high)}`;
}

function costText(cost: NonNullable<WhatifOptionEntry['cost']>, dash: string): string {
  const money = moneyFormat(cost.currency, cost.high ?? cost.low);
  return rangeText(cost, (value) => money.text(value), dash);
}

function ageText(asOf: string | null, { generatedAt }: Whatif): string {
  if (asOf === null) return '(no date)';
  return `(${asOf}, ${daysBetween(asOf, generatedAt)} d)`;
}

function notesOf(
  { notes, current }: WhatifMachine,
  shown: readonly WhatifOptionEntry[],
): readonly string[] {
  const prices = new Set(
    [current.rate, ...shown.map(({ rate }) => rate)].flatMap((rate) =>
      rate === null
        ? []
        : `${rate.asOf === null ? 'of unknown date' : `of ${rate.asOf}`}, ${rate.source}`,
    ),
  );
  return [
    ...notes,
    ...new Set(shown.flatMap((option) => option.notes)),
    ...(prices.size === 0 ? [] : [`Prices ${[...prices].join('; ')}`]),
  ];
}

function leftOutText({ options, leftOut }: WhatifMachine, shown: number): readonly string[] {
  if (leftOut === null) return [];
  const more = options.length > shown ? `${options.length - shown} more (--verbose). ` : '';
  const { tooSmall, notComparable, noPrice } = leftOut;
  return [
    `${more}Left out: ${tooSmall} whose memory is too small, ${noPrice} without a price, ${notComparable} that the GPU table can not compare.`,
  ];
}
