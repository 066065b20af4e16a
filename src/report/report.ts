import type { z } from 'zod';
import type { reportSchema } from './schema.ts';

/** Everything a renderer may show; keys and their order are a contract (gpucost.report/1). */
export type Report = z.infer<typeof reportSchema>;
export type ReportMachine = Report['machines'][number];
export type ReportHiddenPeriod = NonNullable<ReportMachine['hiddenGpus']['periods']>[number];
export type ReportGpu = Report['gpus'][number];
export type ReportFinding = Report['findings'][number];
/** Idle time-outs, tried on what one machine's recordings hold. */
export type IdleTimeouts = NonNullable<Report['idleTimeouts']>[number];
export type ReportGpuHours = Report['gpuHours'];
export type ReportCost = NonNullable<Report['cost']>;
export type ReportReconciliation = NonNullable<Report['reconciliation']>;
