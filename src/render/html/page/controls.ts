import type { View } from '../columns.ts';
import type { TimelineData } from '../timeline.ts';
import type { Charts } from './charts.ts';
import { rangeText } from './range-text.ts';
import type { Zoom } from './view.ts';

const zoomStep = 1.6;
const panStep = 0.25;
/** So much room is left on each side of an interval that is zoomed to. */
const margin = 0.15;

const actions: Readonly<Record<string, (zoom: Zoom) => void>> = {
  in: (zoom) => zoom.scale(1 / zoomStep),
  out: (zoom) => zoom.scale(zoomStep),
  earlier: (zoom) => zoom.pan(-panStep),
  later: (zoom) => zoom.pan(panStep),
  all: (zoom) => zoom.showAll(),
};

const keys: Readonly<Record<string, string>> = {
  '+': 'in',
  '=': 'in',
  '-': 'out',
  ArrowLeft: 'earlier',
  ArrowRight: 'later',
  '0': 'all',
  Escape: 'all',
};

/** Buttons and keys of the timeline. */
export function connectControls(zoom: Zoom, data: TimelineData): void {
  const toolbar = document.querySelector<HTMLElement>('#toolbar');
  const range = document.querySelector<HTMLElement>('#range');
  const timeline = document.querySelector<HTMLElement>('#charts');
  if (toolbar === null || range === null || timeline === null) return;
  toolbar.hidden = false;
  timeline.tabIndex = 0;
  timeline.setAttribute('role', 'group');
  timeline.setAttribute('aria-label', 'Timeline: + and − zoom, arrow keys move, 0 shows all');

  for (const button of toolbar.querySelectorAll<HTMLButtonElement>('button[data-do]')) {
    button.addEventListener('click', () => actions[button.dataset['do'] ?? '']?.(zoom));
  }
  for (const place of [timeline, toolbar]) {
    place.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      // In the list of findings the arrow keys choose.
      if (event.target instanceof HTMLSelectElement && event.key !== 'Escape') return;
      const action = actions[keys[event.key] ?? ''];
      if (action === undefined) return;
      event.preventDefault();
      action(zoom);
    });
  }
  const tell = (view: View): void => {
    range.textContent = rangeText(data.startMs, view);
    for (const button of toolbar.querySelectorAll<HTMLButtonElement>(
      '[data-do="out"], [data-do="all"]',
    )) {
      // Not disabled: the focus would be lost.
      button.setAttribute('aria-disabled', `${zoom.isWhole}`);
    }
  };
  zoom.onChange(tell);
  tell(zoom.view);
}

/** Links of findings, and the list of findings beside the timeline, zoom to what they speak of. */
export function connectFindings(zoom: Zoom, charts: Charts, data: TimelineData): void {
  const select = document.querySelector<HTMLSelectElement>('#show-finding');
  const show = (finding: number, interval: number | null): void => {
    const intervals = data.marks[finding]?.intervals ?? [];
    const shown = interval === null ? intervals : intervals.slice(interval, interval + 1);
    if (shown.length === 0) return;
    const from = Math.min(...shown.map((one) => one.from));
    const to = Math.max(...shown.map((one) => one.to));
    const room = (to - from) * margin;
    charts.highlight(finding);
    zoom.show({ from: Math.max(0, from - room), to: Math.min(data.lengthMs, to + room) });
    if (select !== null) select.value = `${finding}`;
  };
  select?.addEventListener('change', () => {
    if (select.value !== '') return show(Number(select.value), null);
    charts.highlight(null);
    zoom.showAll();
  });
  for (const link of document.querySelectorAll<HTMLAnchorElement>('a[data-zoom]')) {
    link.addEventListener('click', (event) => {
      event.preventDefault();
      show(Number(link.dataset['zoom']), Number(link.dataset['interval']));
      const figure = document.querySelector(link.getAttribute('href') ?? '');
      figure?.scrollIntoView({ block: 'center', behavior: calm() ? 'auto' : 'smooth' });
      document.querySelector<HTMLElement>('#charts')?.focus({ preventScroll: true });
    });
  }
}

function calm(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}

/** Dragging zooms, moving tells what was, a double click shows all; the wheel zooms with Ctrl, else it scrolls the page. */
export function connectPointer(zoom: Zoom, charts: Charts): void {
  const timeline = document.querySelector<HTMLElement>('#charts');
  if (timeline === null) return;
  let start: number | null = null;
  const at = (event: MouseEvent): number | null => {
    const svg = event.target instanceof Element ? event.target.closest('svg.chart') : null;
    if (svg === null) return null;
    const box = svg.getBoundingClientRect();
    const { from, to } = zoom.view;
    return (
      from + (Math.min(box.width, Math.max(0, event.clientX - box.left)) / box.width) * (to - from)
    );
  };
  const range = (end: number): View | null => {
    if (start === null) return null;
    const { from, to } = zoom.view;
    const picked = { from: Math.min(start, end), to: Math.max(start, end) };
    return picked.to - picked.from < (to - from) / 200 ? null : picked;
  };
  timeline.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || event.pointerType === 'touch') return;
    start = at(event);
  });
  timeline.addEventListener('pointermove', (event) => {
    const ms = at(event);
    charts.point(ms);
    if (ms !== null) charts.select(range(ms));
  });
  timeline.addEventListener('pointerleave', () => charts.point(null));
  addEventListener('pointerup', (event) => {
    const end = at(event);
    const picked = end === null ? null : range(end);
    start = null;
    charts.select(null);
    if (picked !== null) zoom.show(picked);
  });
  timeline.addEventListener('dblclick', () => zoom.showAll());
  timeline.addEventListener(
    'wheel',
    (event) => {
      const ms = at(event);
      if (!event.ctrlKey || ms === null) return;
      event.preventDefault();
      zoom.scale(Math.exp(event.deltaY / 300), ms);
    },
    { passive: false },
  );
}
