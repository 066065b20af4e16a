import type { Report } from '../../report/report.ts';
import { instant, number } from '../format.ts';
import { gpuList, isSuppressedEntry, machineName } from '../labels.ts';
import { type Html, html } from './markup.ts';
import { prose } from './prose.ts';
import { type Column, table } from './table.ts';

const dash = '–';

/** What to know about the numbers: warnings, what was not judged, and what they were read from. */
export function notesSection(report: Report): Html {
  return html`${warnings(report)}${suppressed(report)}${notJudged(report)}${sources(report)}`;
}

function warnings(report: Report): Html | null {
  if (report.warnings.length === 0) return null;
  return html`<section aria-labelledby="warnings">
<h2 id="warnings">Warnings</h2>
<ul class="warnings">${report.warnings.map(({ code, message }) => html`<li>${prose(message)} <code>${code}</code></li>`)}</ul>
</section>
`;
}

/** Found, and accepted by the project: it costs what it costs. */
function suppressed(report: Report): Html | null {
  const { suppressed: rows = [] } = report;
  if (rows.length === 0) return null;
  const columns: readonly Column<(typeof rows)[number]>[] = [
    { title: 'Rule', text: true, cell: ({ rule }) => html`<code>${rule}</code>` },
    { title: 'GPUs', text: true, cell: ({ gpus }) => gpuList(report, gpus, dash) },
    { title: 'Until', text: true, cell: ({ suppression }) => suppression.until },
    { title: 'Reason', text: true, cell: ({ suppression }) => prose(suppression.reason) },
  ];
  return html`<section aria-labelledby="suppressed">
<h2 id="suppressed">Suppressed</h2>
<p class="note">Found, and accepted in the project file.</p>
${table('Suppressed', columns, rows)}
</section>
`;
}

function notJudged(report: Report): Html | null {
  const rows = joined(report);
  if (rows.length === 0) return null;
  const columns: readonly Column<NotJudged>[] = [
    { title: 'Rule', text: true, cell: ({ rule }) => html`<code>${rule}</code>` },
    { title: 'GPUs', text: true, cell: ({ gpus }) => gpuList(report, gpus, dash) },
    { title: 'Reason', text: true, cell: ({ reason }) => prose(reason) },
  ];
  return html`<section aria-labelledby="not-judged">
<h2 id="not-judged">Not judged</h2>
<p class="note">For lack of data; this is no clean bill of health.</p>
${table('Not judged', columns, rows)}
</section>
`;
}

interface NotJudged {
  readonly rule: string;
  readonly gpus: string[];
  readonly reason: string;
}

/** A rule that could not judge several GPUs for the same reason is one row. */
function joined(report: Report): readonly NotJudged[] {
  const rows = new Map<string, NotJudged>();
  for (const { rule, gpus, reason } of report.notJudged.filter(
    (e) => !isSuppressedEntry(report, e),
  )) {
    const key = JSON.stringify([rule, reason]);
    const row = rows.get(key);
    if (row === undefined) rows.set(key, { rule, gpus: [...gpus], reason });
    else row.gpus.push(...gpus);
  }
  return [...rows.values()];
}

const sourceKinds = { session: 'session', 'nvidia-smi-csv': 'nvidia-smi log' } as const;

function sources(report: Report): Html {
  const machineOf = (id: string): string => {
    const known = report.machines.find((machine) => machine.id === id);
    return known === undefined ? id : machineName(known);
  };
  const columns: readonly Column<Report['sources'][number]>[] = [
    { title: 'Name', text: true, cell: ({ name }) => name },
    { title: 'Kind', text: true, cell: ({ kind }) => sourceKinds[kind] },
    { title: 'Machine', text: true, cell: ({ machine }) => machineOf(machine) },
    { title: 'Samples', cell: ({ samples }) => number(samples) },
  ];
  return html`<section aria-labelledby="sources">
<h2 id="sources">Sources</h2>
${table('Sources', columns, report.sources)}
</section>
<footer><p>gpucost ${report.tool.version}, ${instant(report.generatedAt)} UTC, ${report.schema}</p></footer>`;
}
