import type { AuditOptions } from '../../src/audit/audit.ts';
import { loadRateCards } from '../../src/rates/load.ts';

/** An audit of all that was recorded, by the built-in cards, on 2026-08-01; `own` says what the test is about. */
export async function auditOptions(own: Partial<AuditOptions> = {}): Promise<AuditOptions> {
  return {
    version: '0.0.0',
    nowMs: Date.UTC(2026, 7, 1),
    cards: own.cards ?? (await loadRateCards()),
    machine: null,
    machineBy: 'flag',
    region: null,
    purchase: null,
    discounts: [],
    exchange: [],
    sinceMs: null,
    untilMs: null,
    billedFrom: { from: 'start' },
    thresholds: {},
    by: null,
    withSeries: false,
    ...own,
  };
}
