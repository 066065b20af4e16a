import { UsageError } from '../../errors.ts';
import type { Report } from '../../report/report.ts';
import { csvField } from '../csv-field.ts';
import type { Renderer } from '../renderer.ts';
import { type FocusAccount, focusColumns } from './columns.ts';
import { machineHours } from './hours.ts';
import type { FocusVersion } from './versions.ts';

/** What a FOCUS file needs beside the report. */
export interface FocusOptions {
  readonly version: FocusVersion;
  /** Null where nothing names the billing account. */
  readonly account: FocusAccount | null;
}

/**
 * One row a machine and clock hour, in the FinOps Open Cost and Usage Specification's Cost and Usage dataset; custom
 * columns (x_) hold the states. Throws a UsageError without a billing account or a cost.
 */
export const renderFocus: Renderer = (report, options) => {
  const { version, account } = checkFocus(report, options.focus);
  const columns = focusColumns(version);
  const rows = machineHours(report).map((hour) =>
    columns.map(({ value }) => value({ hour, account, report })),
  );
  return `${[columns.map(({ name }) => name), ...rows]
    .map((cells) => cells.map(csvCell).join(','))
    .join('\n')}\n`;
};

/** The options, if a FOCUS file can be written with them. Throws a UsageError that says what is missing. */
export function checkFocus(
  report: Report,
  focus: FocusOptions | undefined,
): { readonly version: FocusVersion; readonly account: FocusAccount } {
  const unpriced = report.machines.find(({ cost }) => cost === null);
  if (unpriced !== undefined) {
    throw new UsageError('--format focus needs a cost, and there is no rate for it', {
      hint: 'Pass --machine provider/type or --rates FILE.',
    });
  }
  return checkFocusAccount(focus);
}

/** The options with an account. Throws a UsageError where nothing names it. */
export function checkFocusAccount(focus: FocusOptions | undefined): {
  readonly version: FocusVersion;
  readonly account: FocusAccount;
} {
  if (focus === undefined || focus.account === null) {
    throw new UsageError('--format focus needs the billing account, and nothing names it', {
      hint: 'Put it into .gpucost.yaml: focus: { billing_account_id: "123456789012" }. Metadata services name an account of the machine, not the one that is billed.',
    });
  }
  return { version: focus.version, account: focus.account };
}

/** Null is an empty cell, which FOCUS tells from an empty text by quotes. */
function csvCell(value: string | null): string {
  return value === null ? '' : csvField(value);
}
