import { basename } from 'node:path';
import type { MachineEstimate } from '../audit/estimate.ts';
import { reconcile } from '../bill/reconcile.ts';
import { UsageError } from '../errors.ts';
import { plain } from '../render/text.ts';
import { withReconciliation } from '../report/reconciliation.ts';
import type { Report } from '../report/report.ts';
import { readInvoice } from './read-invoice.ts';

/** The invoice that `report` was given, and which of its resources is the machine; null lets the invoice tell. */
export interface InvoiceSource {
  readonly path: string;
  readonly resource: string | null;
}

/**
 * The report with its estimate set beside what an invoice charges the machine.
 * Throws a UsageError for several machines, for none with a rate, and for an invoice that does not fit.
 */
export async function reconcileInvoice(
  report: Report,
  estimates: readonly MachineEstimate[],
  { path, resource }: InvoiceSource,
): Promise<Report> {
  const [machine, other] = estimates;
  if (machine === undefined || other !== undefined) {
    const names = estimates.map(({ host, machine: id }) => plain(host ?? id)).join(', ');
    throw new UsageError(
      `--invoice is held against one machine, and these are ${estimates.length}: ${names}`,
      { hint: 'Name the sessions or logs of one machine: gpucost report SOURCE --invoice FILE.' },
    );
  }
  const { estimate } = machine;
  if (estimate === null) {
    throw new UsageError('--invoice needs an estimate, and there is no rate for it', {
      hint: 'Pass --machine provider/type or --rates FILE.',
    });
  }
  const invoice = await readInvoice(path, {
    resource,
    type: estimate.type,
    region: machine.region,
    startMs: machine.startMs,
    endMs: machine.endMs,
  });
  return withReconciliation(report, reconcile(estimate, invoice.charges), {
    machine: machine.machine,
    name: basename(path),
    ...invoice,
  });
}
