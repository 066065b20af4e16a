import type { TimelineData } from '../timeline.ts';
import { openCharts } from './charts.ts';
import { connectControls, connectFindings, connectPointer } from './controls.ts';
import { Zoom } from './view.ts';

/** Brings the timeline to life. The page reads without it: what it needs is drawn already. */
function start(): void {
  const block = document.querySelector('#timeline-data');
  if (block === null) return;
  // The renderer wrote it beside this script: the two are one build.
  const data = JSON.parse(block.textContent ?? '') as TimelineData;
  const zoom = new Zoom(data.lengthMs);
  const charts = openCharts(data);
  zoom.onChange((view) => charts.draw(view));
  connectControls(zoom, data);
  connectFindings(zoom, charts, data);
  connectPointer(zoom, charts);
}

start();
