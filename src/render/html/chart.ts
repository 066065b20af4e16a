import type { Report, ReportGpu } from '../../report/report.ts';
import { type ObservedState, observedStates } from '../../usage/states.ts';
import { stateLabels } from '../accounts.ts';
import { number, percent } from '../format.ts';
import { gpuLabel } from '../labels.ts';
import type { BandName, View } from './columns.ts';
import { intervalsOn, type Mark } from './mark.ts';
import { type Html, html } from './markup.ts';
import type { PartBand } from './part-names.ts';
import { partNamesSvg, partsHeight, partsSvg } from './parts.ts';
import { intervalPath, laneHeight, laneWidth, type Paths, pathsIn } from './paths.ts';
import { placeOf, type Tick, ticksIn } from './ticks.ts';
import type { Track } from './track.ts';

interface LaneBox {
  readonly name: 'usage' | 'power' | 'memory' | 'states' | 'parts' | 'marks';
  readonly label: string;
  readonly y: number;
  readonly height: number;
  readonly content: Html;
}

const gap = 5;
const labelHeight = 15;
const axisHeight = 20;
const staticTicks = 5;

/** A picture of one GPU's timeline that needs no script; the page's script redraws its paths. */
export function chart(
  report: Report,
  gpu: ReportGpu,
  track: Track,
  marks: readonly Mark[],
  parts: readonly PartBand[],
  columns: number,
): Html {
  const startMs = Date.parse(report.window.start);
  const view = { from: 0, to: Math.max(1, Date.parse(report.window.end) - startMs) };
  const lanes = lanesOf(track, pathsIn(track, view, columns), marks, parts, view);
  const last = lanes.at(-1);
  const axis = last === undefined ? 0 : last.y + last.height;
  return html`<svg class="chart" width="100%" height="${axis + axisHeight}" role="img" aria-label="${spoken(report, gpu)}">
<g class="axis" data-axis="${axis}">${ticksIn(view, startMs, staticTicks).map((tick) => tickSvg(tick, axis))}</g>
${lanes.map(laneSvg)}${lanes.map(({ name, y }) => (name === 'parts' ? partNamesSvg(parts, view, y) : null))}</svg>`;
}

function lanesOf(
  track: Track,
  paths: Paths,
  marks: readonly Mark[],
  parts: readonly PartBand[],
  view: View,
): readonly LaneBox[] {
  const band = (name: BandName): Html =>
    html`<path class="${name}" data-band="${name}" d="${paths.bands[name]}"/>`;
  const area = (name: BandName): Html =>
    html`<path class="area ${name}" data-area="${name}" d="${paths.areas[name]}"/>${band(name)}`;
  const { utilizationPct, loadPct, powerW, memoryMib } = track;
  const usage = loadPct === null ? 'utilization' : 'utilization and load';
  const wanted: readonly (Omit<LaneBox, 'y'> | null)[] = [
    utilizationPct === null && loadPct === null
      ? null
      : {
          name: 'usage',
          label: `${usage}, to ${percent(1)}`,
          height: 64,
          content: html`${area('utilizationPct')}${band('loadPct')}`,
        },
    powerW && {
      name: 'power',
      label: `power, to ${number(powerW.top)} W`,
      height: 32,
      content: area('powerW'),
    },
    memoryMib && {
      name: 'memory',
      label: `memory in use, to ${number(memoryMib.top / 1024)} GiB`,
      height: 32,
      content: area('memoryMib'),
    },
    { name: 'states', label: 'states', height: 18, content: statesSvg(paths) },
    parts.length === 0
      ? null
      : {
          name: 'parts',
          label: 'parts',
          height: partsHeight,
          content: partsSvg(parts, view),
        },
    marks.length === 0
      ? null
      : {
          name: 'marks',
          label: 'findings',
          height: 8,
          content: html`${marks.map((m) => markSvg(m, track.gpu, view))}`,
        },
  ];
  let y = 0;
  return wanted.flatMap((lane) => {
    if (lane === null) return [];
    y += labelHeight;
    const box = { ...lane, y };
    y += lane.height + gap;
    return [box];
  });
}

function laneSvg({ name, label, y, height, content }: LaneBox): Html {
  const text = html`<text class="lane-label" x="0" y="${y - 4}">${label}</text>`;
  return html`<svg class="lane ${name}" y="${y}" width="100%" height="${height}" viewBox="0 0 ${laneWidth} ${laneHeight}" preserveAspectRatio="none"><rect class="ground" width="${laneWidth}" height="${laneHeight}"/>${content}</svg>${text}
`;
}

function statesSvg(paths: Paths): Html {
  return html`${observedStates.map(
    (state) => html`<path class="${state}" data-state="${state}" d="${paths.states[state]}"/>`,
  )}`;
}

function markSvg(mark: Mark, gpu: string, view: View): Html {
  return html`<path class="${mark.severity}" data-finding="${mark.finding}" d="${intervalPath(intervalsOn(mark, gpu), view)}"/>`;
}

/** A tick of the time axis; the page's script draws the same. */
function tickSvg({ share, label }: Tick, y: number): Html {
  const x = placeOf(share);
  return html`<line x1="${x}" x2="${x}" y1="0" y2="${y}"/>${
    share < 0.02 || share > 0.98
      ? null
      : html`<text x="${x}" y="${y + 13}" text-anchor="middle">${label}</text>`
  }`;
}

/** What a screen reader says of the picture. */
function spoken(report: Report, gpu: ReportGpu): string {
  const { utilizationPct, powerW, memoryUsedMib, gpuHours } = gpu;
  const shares = observedStates
    .filter((state) => gpuHours.byState[state] > 0)
    .map((state) => `${stateLabels[state]} ${shareOf(gpuHours.byState[state], gpuHours.billed)}`);
  return [
    `Timeline of GPU ${gpuLabel(report, gpu)}: ${shares.join(', ')} of billed time`,
    utilizationPct === null ? '' : `utilization ${percent(utilizationPct.mean / 100)} on average`,
    powerW === null ? '' : `power ${number(powerW.mean)} W on average`,
    memoryUsedMib === null ? '' : `memory at most ${number(memoryUsedMib.max / 1024)} GiB`,
  ]
    .filter((text) => text !== '')
    .join('; ');
}

function shareOf(part: number, whole: number): string {
  return percent(whole > 0 ? part / whole : 0);
}

/** What the colours mean. */
export function legend(tracks: readonly Track[]): Html {
  const names: readonly [BandName, string][] = [
    ['utilizationPct', 'utilization (some kernel ran)'],
    ['loadPct', 'load (power above idle)'],
    ['powerW', 'power'],
    ['memoryMib', 'memory in use'],
  ];
  const shown = names.filter(([name]) => tracks.some((track) => track[name] !== null));
  const held = (state: ObservedState): boolean =>
    tracks.some((track) => track.states[state].some((ms) => ms > 0));
  return html`<ul class="legend" aria-label="Colours">${shown.map(
    ([name, text]) => html`<li>${swatch(name)} ${text}</li>`,
  )}${observedStates
    .filter(held)
    .map(
      (state) => html`<li>${swatch(state)} ${stateLabels[state]}</li>`,
    )}<li>${swatch('unobserved')} ${stateLabels.unobserved}</li></ul>`;
}

export function swatch(name: string): Html {
  return html`<svg class="swatch" width="12" height="12" aria-hidden="true"><rect class="${name}" width="12" height="12"/></svg>`;
}
