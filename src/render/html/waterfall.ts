import type { Report } from '../../report/report.ts';
import { accounts, causeLabels, ratio, type StateRow } from '../accounts.ts';
import { type GpuTimeUnit, gpuTime, percent } from '../format.ts';
import { type Html, html } from './markup.ts';

const barWidth = 1000;

/** From the bill to what did work: each state takes its part away, in GPU time and money. */
export function waterfall(report: Report): Html {
  const totals = accounts(report);
  const { unit, money } = totals;
  const share = barShares(report);
  const steps: Html[] = [];
  let left = 1;
  for (const row of totals.rows.toReversed()) {
    if (row.state === 'effective') continue;
    const part = share(row);
    left -= part;
    steps.push(step(row, bar(row.state, left, part)));
  }
  const worked = totals.rows.find(({ state }) => state === 'effective');
  const result = html`<tr class="sum"><th scope="row">= effective</th><td class="meaning">${worked?.meaning ?? 'did work'}</td><td class="bar-cell">${bar(
    'effective',
    0,
    worked === undefined ? 0 : share(worked),
    effectiveBand(report),
  )}</td>${amounts(totals.effective)}<td class="share">${worked?.share ?? percent(0, 1)}</td></tr>`;
  return html`<section aria-labelledby="bill">
<h2 id="bill">Where the bill went</h2>
<div class="wide" role="region" aria-label="Where the bill went: table" tabindex="0"><table class="waterfall">
<thead><tr><th scope="col">State</th><th scope="col" class="meaning">Meaning</th><th scope="col" class="bar-cell"><span class="spoken">Bar</span></th><th scope="col">${unit.name}</th>${
    money === null ? null : html`<th scope="col">Cost</th>`
  }<th scope="col" class="share">Share</th></tr></thead>
<tbody>
<tr class="sum"><th scope="row">billed</th><td class="meaning">by the clock</td><td class="bar-cell">${bar('billed', 0, 1)}</td>${amounts(totals.billed)}<td class="share">${percent(1, 1)}</td></tr>
${steps}
${result}
</tbody></table></div>
<p class="note">The line on the effective bar is its band, from the lowest to the highest that the readings allow. Rounded so that each column adds up.${causes(report, unit)}</p>
</section>`;
}

function step(row: StateRow, picture: Html): Html {
  return html`<tr><th scope="row"><span aria-hidden="true">− </span>${row.label}</th><td class="meaning">${row.meaning}</td><td class="bar-cell">${picture}</td>${amounts(row)}<td class="share">${row.share}</td></tr>
`;
}

function amounts(amount: { readonly hours: string; readonly money: string | null }): Html {
  return html`<td>${amount.hours}</td>${amount.money === null ? null : html`<td>${amount.money}</td>`}`;
}

/** Bars are in proportion to money, or to GPU time where there is none. */
function barShares({ cost }: Report): (row: StateRow) => number {
  if (cost === null || cost.billed <= 0) return (row) => row.fraction;
  return (row) => ratio(cost.byState[row.state], cost.billed);
}

/** Effective at its lowest and highest as shares of the bill: what was observed less the wasted band. */
function effectiveBand({ cost, gpuHours }: Report): readonly [number, number] {
  const { billed, byState, wasted } = cost !== null && cost.billed > 0 ? cost : gpuHours;
  const observed = billed - byState.unobserved - byState.rounding;
  return [ratio(observed - wasted.high, billed), ratio(observed - wasted.low, billed)];
}

function bar(
  name: string,
  from: number,
  length: number,
  band: readonly [number, number] | null = null,
): Html {
  const x = (share: number): number => Math.round(Math.min(1, Math.max(0, share)) * barWidth);
  const whisker =
    band === null
      ? null
      : html`<path class="whisker" d="M${x(band[0])} 2V14M${x(band[0])} 8H${x(band[1])}M${x(band[1])} 2V14"/>`;
  // A part that is there is seen, however small.
  const width = length > 0 ? Math.max(2, x(length)) : 0;
  return html`<svg class="bar" width="100%" height="16" viewBox="0 0 ${barWidth} 16" preserveAspectRatio="none" aria-hidden="true"><rect class="${name}" x="${x(from)}" y="1" width="${width}" height="14"/>${whisker}</svg>`;
}

function causes({ gpuHours }: Report, unit: GpuTimeUnit): Html | null {
  const by = gpuHours.unobservedBy;
  // Object.keys forgets its keys: they are those of causeLabels.
  const names = Object.keys(causeLabels) as (keyof typeof causeLabels)[];
  // What rounds to nothing says nothing.
  const nothing = gpuTime(0, unit);
  const known = names.filter((name) => gpuTime(by[name], unit) !== nothing);
  if (known.length === 0) return null;
  const texts = known.map((name) => `${causeLabels[name]} ${gpuTime(by[name], unit)} ${unit.name}`);
  return html` Unobserved: ${texts.join('; ')}.`;
}
