import type { Report, ReportMachine } from '../../report/report.ts';
import { accounts } from '../accounts.ts';
import { daysBetween, duration, gpuTime, number, price, timeSpan } from '../format.ts';
import { machineName, machineType } from '../labels.ts';
import { priceSentence } from '../sentences.ts';
import { type Html, html } from './markup.ts';
import { type Column, table } from './table.ts';

const dash = '–';
const shownRuns = 3;

/** Each machine: what it is, how that is known, when it ran, and every part of its price. */
export function machinesSection(report: Report): Html {
  return html`<section aria-labelledby="machines">
<h2 id="machines">${report.machines.length === 1 ? 'Machine and rate' : 'Machines and rates'}</h2>
${report.machines.map((machine) => oneMachine(machine, report))}
</section>`;
}

const detectedText: Readonly<Record<ReportMachine['detectedBy'], string>> = {
  flag: 'as given on the command line',
  config: 'as given in the project file',
  environment: 'from the environment',
  dmi: 'from the firmware (DMI)',
  metadata: "from the provider's metadata service",
  shape: 'from its GPUs, CPUs and memory',
  none: 'not known',
};

function oneMachine(machine: ReportMachine, report: Report): Html {
  const { rate, runs, gpuShare, bills } = machine;
  const type = machineType(machine);
  const facts: readonly (readonly [string, string] | null)[] = [
    ['Type', type === null ? 'not known' : `${type}, ${detectedText[machine.detectedBy]}`],
    ['GPUs', gpusText(machine, report)],
    gpuShare === null ? null : ['Share of a GPU', gpuShare],
    bills === null
      ? null
      : ['Billed by', bills === 'machine' ? 'the whole machine' : 'the allocated GPUs'],
    ...runs
      .slice(0, shownRuns)
      .map(
        (run) =>
          [
            'Run',
            `${timeSpan(run.start, run.end, dash)}, billed ${duration(run.billedSeconds * 1000)} ${startedText[run.startedBy]}`,
          ] as const,
      ),
    runs.length > shownRuns ? ['Runs', `${runs.length} in all`] : null,
    rate === null ? ['Rate', priceSentence(machine, report)] : null,
  ];
  return html`<h3>${machineName(machine)}</h3>
<dl class="pairs">${facts.map((fact) =>
    fact === null ? null : html`<div><dt>${fact[0]}</dt><dd>${fact[1]}</dd></div>`,
  )}</dl>
${rate === null ? null : rateTable(machine, rate, report)}`;
}

const startedText: Readonly<Record<ReportMachine['runs'][number]['startedBy'], string>> = {
  start: 'for the time watched',
  boot: 'since boot',
  launch: 'since launch',
  time: 'since the given time',
};

function gpusText({ gpuCount, hiddenGpus }: ReportMachine, report: Report): string {
  if (hiddenGpus.count === 0) return `${gpuCount}`;
  const { unit, money } = accounts(report);
  const cost = hiddenGpus.cost === null || money === null ? '' : `, ${money.text(hiddenGpus.cost)}`;
  return `${gpuCount}, of which ${hiddenGpus.count} ${hiddenGpus.count === 1 ? 'was' : 'were'} not watched: hidden from here, or left out with --gpus (${gpuTime(hiddenGpus.gpuHours, unit)} ${unit.name}${cost} of the bill, unobserved)`;
}

function rateTable(
  machine: ReportMachine,
  rate: NonNullable<ReportMachine['rate']>,
  report: Report,
): Html {
  const columns: readonly Column<(typeof rate.parts)[number]>[] = [
    { title: 'Part', text: true, cell: ({ name }) => name },
    { title: 'Quantity', cell: ({ quantity, unit }) => `${number(quantity)} ${unit}` },
    { title: 'Each, an hour', cell: ({ perUnitHour }) => price(rate.currency, perUnitHour) },
    {
      title: 'As of',
      cell: ({ asOf }) =>
        asOf === null ? 'unknown' : `${asOf} (${daysText(daysBetween(asOf, report.generatedAt))})`,
    },
    { title: 'Confidence', cell: ({ confidence }) => confidence },
    { title: 'Source', text: true, cell: ({ source }) => source },
  ];
  const perGpu =
    rate.perGpuHour === null ? '' : `, ${price(rate.currency, rate.perGpuHour)} a GPU-hour`;
  return html`<p>${price(rate.currency, rate.perHour)} an hour${perGpu}</p>
${table(`Rate of ${machineName(machine)}`, columns, rate.parts)}`;
}

function daysText(days: number): string {
  if (days <= 0) return 'today';
  return days === 1 ? '1 day old' : `${days} days old`;
}
