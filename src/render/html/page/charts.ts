import { observedStates } from '../../../usage/states.ts';
import type { View } from '../columns.ts';
import { bandNames } from '../columns.ts';
import { intervalsOn } from '../mark.ts';
import { partNames } from '../part-names.ts';
import { intervalPath, pathsIn } from '../paths.ts';
import { placeOf, ticksIn } from '../ticks.ts';
import type { TimelineData } from '../timeline.ts';
import type { Track } from '../track.ts';
import { readoutText } from './readout.ts';

const namespace = 'http://www.w3.org/2000/svg';
const pixelsPerColumn = 2;
const mostColumns = 1000;
const pixelsPerTick = 90;

/** The pictures of all GPUs, redrawn for the part of the timeline that is shown. */
export interface Charts {
  draw(view: View): void;
  /** Shades intervals on the GPUs of a finding; null takes the shade away. */
  highlight(finding: number | null): void;
  /** Shows what each GPU did at an instant; null takes it away. */
  point(ms: number | null): void;
  /** Shades what is being dragged over. */
  select(range: View | null): void;
}

interface Chart {
  readonly figure: HTMLElement;
  readonly svg: SVGSVGElement;
  readonly position: number;
  readonly track: Track;
  readonly marked: SVGGElement;
  readonly selection: SVGRectElement;
  readonly cursor: SVGLineElement;
  visible: boolean;
  drawn: View | null;
}

/** Takes over the pictures in the page; those out of sight are drawn when they come into it. */
export function openCharts(data: TimelineData): Charts {
  const charts = [...document.querySelectorAll<HTMLElement>('figure[data-gpu]')].flatMap((figure) =>
    chartOf(figure, data),
  );
  let view: View = { from: 0, to: data.lengthMs };
  let finding: number | null = null;
  let frame = 0;

  const drawOne = (chart: Chart): void => {
    if (!chart.visible || chart.drawn === view) return;
    chart.drawn = view;
    drawPaths(chart, view, data);
    drawPartNames(chart, view, data);
    drawAxis(chart, view, data.startMs);
    drawMarked(chart, view, data, finding);
  };
  const seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        const chart = charts.find(({ figure }) => figure === entry.target);
        if (chart === undefined) continue;
        chart.visible = entry.isIntersecting;
        drawOne(chart);
      }
    },
    { rootMargin: '200px' },
  );
  for (const { figure } of charts) seen.observe(figure);
  const redraw = (): void => {
    for (const chart of charts) {
      chart.drawn = null;
      drawOne(chart);
    }
  };
  new ResizeObserver(redraw).observe(document.documentElement);
  // Printing shows all of them, whatever is in sight.
  addEventListener('beforeprint', () => {
    for (const chart of charts) chart.visible = true;
    redraw();
  });

  return {
    draw(next) {
      view = next;
      // Keys and wheels may come faster than frames.
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => {
        for (const chart of charts) drawOne(chart);
      });
    },
    highlight(next) {
      finding = next;
      redraw();
    },
    point(ms) {
      for (const chart of charts) pointOne(chart, ms, view, data.startMs);
    },
    select(range) {
      for (const { selection } of charts) {
        selection.toggleAttribute('hidden', range === null);
        if (range === null) continue;
        selection.setAttribute('x', share(range.from, view));
        selection.setAttribute('width', placeOf((range.to - range.from) / (view.to - view.from)));
      }
    },
  };
}

function chartOf(figure: HTMLElement, data: TimelineData): Chart[] {
  const position = Number(figure.dataset['gpu']);
  const track = data.tracks[position] ?? null;
  const svg = figure.querySelector<SVGSVGElement>('svg.chart');
  const axis = figure.querySelector('[data-axis]');
  if (track === null || svg === null || axis === null) return [];
  const height = axis.getAttribute('data-axis') ?? '0';
  const marked = document.createElementNS(namespace, 'g');
  const selection = document.createElementNS(namespace, 'rect');
  selection.setAttribute('class', 'selection');
  selection.setAttribute('height', height);
  selection.toggleAttribute('hidden', true);
  const cursor = document.createElementNS(namespace, 'line');
  cursor.setAttribute('class', 'cursor');
  cursor.setAttribute('y2', height);
  cursor.toggleAttribute('hidden', true);
  svg.append(marked, selection, cursor);
  return [{ figure, svg, position, track, marked, selection, cursor, visible: false, drawn: null }];
}

function drawPaths({ svg, track, position }: Chart, view: View, data: TimelineData): void {
  const wanted = Math.round(svg.clientWidth / pixelsPerColumn);
  const columns = Math.min(mostColumns, Math.max(100, wanted));
  const paths = pathsIn(track, view, columns);
  const put = (selector: string, d: string): void =>
    svg.querySelector(selector)?.setAttribute('d', d);
  for (const name of bandNames) {
    put(`[data-band="${name}"]`, paths.bands[name]);
    put(`[data-area="${name}"]`, paths.areas[name]);
  }
  for (const state of observedStates) put(`[data-state="${state}"]`, paths.states[state]);
  for (const { kind, intervals } of data.parts[position] ?? []) {
    put(`[data-part="${kind}"]`, intervalPath(intervals, view));
  }
  for (const mark of data.marks) {
    put(`[data-finding="${mark.finding}"]`, intervalPath(intervalsOn(mark, track.gpu), view));
  }
}

function drawPartNames({ svg, position }: Chart, view: View, data: TimelineData): void {
  const group = svg.querySelector('[data-part-names]');
  if (group === null) return;
  const names = partNames(data.parts[position] ?? [], view, svg.clientWidth);
  group.replaceChildren(
    ...names.map(({ label, from, width }) => {
      const box = document.createElementNS(namespace, 'svg');
      box.setAttribute('x', placeOf(from));
      box.setAttribute('y', group.getAttribute('data-part-names') ?? '0');
      box.setAttribute('width', placeOf(width));
      box.setAttribute('height', '16');
      const text = document.createElementNS(namespace, 'text');
      text.setAttribute('class', 'part-name');
      text.setAttribute('x', '4');
      text.setAttribute('y', '12');
      text.textContent = label;
      box.append(text);
      return box;
    }),
  );
}

function drawAxis({ svg }: Chart, view: View, startMs: number): void {
  const axis = svg.querySelector('[data-axis]');
  if (axis === null) return;
  const bottom = Number(axis.getAttribute('data-axis'));
  const limit = Math.max(2, Math.floor(svg.clientWidth / pixelsPerTick));
  axis.replaceChildren(
    ...ticksIn(view, startMs, limit).flatMap((tick) => {
      const line = document.createElementNS(namespace, 'line');
      const x = placeOf(tick.share);
      line.setAttribute('x1', x);
      line.setAttribute('x2', x);
      line.setAttribute('y2', `${bottom}`);
      if (tick.share < 0.02 || tick.share > 0.98) return [line];
      const text = document.createElementNS(namespace, 'text');
      text.setAttribute('x', x);
      text.setAttribute('y', `${bottom + 13}`);
      text.setAttribute('text-anchor', 'middle');
      text.textContent = tick.label;
      return [line, text];
    }),
  );
}

function drawMarked(
  { marked, position, svg, track }: Chart,
  view: View,
  data: TimelineData,
  finding: number | null,
): void {
  // The band of states keeps its colours.
  const height = svg.querySelector('svg.states')?.getAttribute('y') ?? '0';
  const mark = finding === null ? undefined : data.marks[finding];
  const boxes = (mark === undefined ? [] : intervalsOn(mark, track.gpu))
    .filter(({ from, to }) => to > view.from && from < view.to)
    .map(({ from, to }) => {
      const box = document.createElementNS(namespace, 'rect');
      const left = Math.max(from, view.from);
      box.setAttribute('class', 'marked');
      box.setAttribute('x', share(left, view));
      box.setAttribute('width', placeOf((Math.min(to, view.to) - left) / (view.to - view.from)));
      box.setAttribute('height', height);
      return box;
    });
  marked.replaceChildren(...boxes);
  marked.dataset['gpu'] = `${position}`;
}

function pointOne(
  { figure, cursor, track, visible }: Chart,
  ms: number | null,
  view: View,
  startMs: number,
): void {
  const readout = figure.querySelector<HTMLElement>('.readout');
  const others = figure.querySelectorAll<HTMLElement>('.facts, .model');
  if (readout === null) return;
  const off = ms === null || !visible;
  cursor.toggleAttribute('hidden', off);
  readout.hidden = off;
  for (const other of others) other.hidden = !off;
  readout.parentElement?.classList.toggle('reading', !off);
  if (off) return;
  cursor.setAttribute('x1', share(ms, view));
  cursor.setAttribute('x2', share(ms, view));
  readout.textContent = readoutText(track, ms, startMs);
}

function share(ms: number, view: View): string {
  return placeOf((ms - view.from) / (view.to - view.from));
}
