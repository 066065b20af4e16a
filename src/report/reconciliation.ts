import type { ResourceCharges } from '../bill/invoice-tally.ts';
import { numberFromMicros } from '../bill/money.ts';
import type { Reconciliation } from '../bill/reconcile.ts';
import type { Report, ReportReconciliation } from './report.ts';

/** Where a reconciliation comes from. */
export interface ReconciledInvoice {
  /** The report's id of the machine. */
  readonly machine: string;
  /** The invoice's file name. */
  readonly name: string;
  readonly charges: ResourceCharges;
  readonly rowsWithoutResource: number;
}

/** The report with its reconciliation, in the place that the schema gives it. */
export function withReconciliation(
  report: Report,
  reconciliation: Reconciliation,
  invoice: ReconciledInvoice,
): Report {
  const { series, ...rest } = report;
  return {
    ...rest,
    reconciliation: toReconciliation(reconciliation, invoice),
    ...(series === undefined ? {} : { series }),
  };
}

function toReconciliation(
  reconciliation: Reconciliation,
  { machine, name, charges, rowsWithoutResource }: ReconciledInvoice,
): ReportReconciliation {
  const { chargedMs } = reconciliation;
  return {
    machine,
    invoice: {
      name,
      resource: charges.resource,
      chosenBy: charges.chosenBy,
      type: charges.type,
      start: new Date(charges.startMs).toISOString(),
      end: new Date(charges.endMs).toISOString(),
      rows: charges.rows,
      rowsWithoutResource,
    },
    currency: reconciliation.currency,
    estimated: {
      cost: numberFromMicros(reconciliation.estimatedMicros),
      machineHours: reconciliation.estimatedMs / msPerHour,
    },
    charged: {
      cost: numberFromMicros(reconciliation.chargedMicros),
      machineHours: chargedMs === null ? null : chargedMs / msPerHour,
    },
    differences: reconciliation.differences.map(({ cause, micros, says }) => ({
      cause,
      cost: numberFromMicros(micros),
      explanation: says,
    })),
  };
}

const msPerHour = 3_600_000;
