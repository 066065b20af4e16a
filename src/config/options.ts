import type { Discount, Exchange } from '../bill/adjust.ts';
import type { BilledFrom } from '../bill/runs.ts';
import { UsageError } from '../errors.ts';
import type { FocusAccount } from '../render/focus/columns.ts';
import type { FocusOptions } from '../render/focus/render.ts';
import type { FocusVersion } from '../render/focus/versions.ts';
import { type Format, formatOfFile, formats } from '../render/formats.ts';
import type { GateLimits } from '../report/gates.ts';
import type { Suppression } from '../report/suppress.ts';
import type { ThresholdOverrides } from '../rules/run.ts';
import type { GateFlags, OutputFlags, PriceFlags } from './flags.ts';
import { gateLimits } from './gate-limits.ts';
import type { ProjectFile } from './project-file.ts';
import type { ProjectSettings } from './project-schema.ts';

/** How the audit prices and judges: flags over project file over defaults. */
export interface AuditSettings {
  readonly machine: string | null;
  readonly machineBy: 'flag' | 'config';
  readonly region: string | null;
  readonly purchase: string | null;
  readonly ratePaths: readonly string[];
  readonly discounts: readonly Discount[];
  readonly exchange: readonly Exchange[];
  readonly billedFrom: BilledFrom;
  readonly thresholds: ThresholdOverrides;
  readonly suppressions: readonly Suppression[];
  readonly gates: GateLimits;
  readonly focus: FocusOptions;
}

/** Where the report goes: to stdout in one format, or to files. */
export interface OutputSettings {
  readonly targets: readonly OutputTarget[];
  readonly color: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

export interface OutputTarget {
  /** Null is stdout. */
  readonly path: string | null;
  readonly format: Format;
}

/** Merges flags over the project file. Cards of the project file come first, so that those of flags win. */
export function auditSettings(
  flags: PriceFlags &
    GateFlags & { readonly billedFrom?: BilledFrom; readonly focusVersion?: FocusVersion },
  project: ProjectFile | null,
): AuditSettings {
  const settings = project?.settings ?? {};
  const merged: AuditSettings = {
    machine: flags.machine ?? settings.machine ?? null,
    machineBy: flags.machine === undefined ? 'config' : 'flag',
    region: flags.region ?? settings.region ?? null,
    purchase: flags.purchase ?? settings.purchase ?? null,
    ratePaths: [...(settings.rates ?? []), ...(flags.rates ?? [])],
    discounts: settings.discounts ?? [],
    exchange: (settings.exchange ?? []).map(({ as_of: asOf, ...rest }) => ({ ...rest, asOf })),
    billedFrom: flags.billedFrom ?? { from: 'start' },
    thresholds: settings.thresholds ?? {},
    suppressions: settings.suppressions ?? [],
    gates: gateLimits(flags, settings.budgets),
    focus: { version: flags.focusVersion ?? '1.2', account: focusAccount(settings.focus) },
  };
  return Object.freeze(merged);
}

function focusAccount(named: ProjectSettings['focus']): FocusAccount | null {
  if (named === undefined) return null;
  const subAccountId = named.sub_account_id ?? null;
  return {
    billingAccountId: named.billing_account_id,
    billingAccountName: named.billing_account_name ?? null,
    billingAccountType: named.billing_account_type ?? null,
    subAccountId,
    // FOCUS wants a name and a type for each account with an id.
    subAccountName: named.sub_account_name ?? subAccountId,
    subAccountType: named.sub_account_type ?? (subAccountId === null ? null : 'Sub Account'),
  };
}

/**
 * Targets of the output flags. A file's extension picks its format; `--format` counts for stdout and for
 * files whose extension says nothing. Throws UsageError where neither does.
 */
export function outputSettings(flags: OutputFlags): OutputSettings {
  const asked = flags.json === true ? 'json' : (flags.format ?? null);
  if (flags.json === true && flags.format !== undefined && flags.format !== 'json') {
    throw new UsageError(`--json and --format ${flags.format} contradict each other`, {
      hint: 'Give one of them; a file gets its own format by its extension: -o report.md.',
    });
  }
  const targets = (flags.output ?? []).map((path): OutputTarget => {
    if (path === '-') return { path: null, format: asked ?? 'table' };
    const format = formatOfFile(path) ?? asked;
    if (format !== null) return { path, format };
    throw new UsageError(`--output ${path}: the extension names no format`, {
      hint: `Use .json, .md, .html, .csv, .focus.csv, .xml (JUnit) or .txt, or give --format ${formats.join('|')}.`,
    });
  });
  return Object.freeze({
    targets: targets.length === 0 ? [{ path: null, format: asked ?? 'table' }] : targets,
    color: flags.color,
    quiet: flags.quiet ?? false,
    verbose: flags.verbose ?? false,
  });
}
