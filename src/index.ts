export { type Audit, type AuditOptions, audit } from './audit/audit.ts';
export { type ErrorDetail, HostError, UsageError } from './errors.ts';
export { loadRateCards } from './rates/load.ts';
export type { RateCards } from './rates/merge.ts';
export { ratesJsonSchema } from './rates/schema.ts';
export { type Format, renderers } from './render/index.ts';
export type { Renderer, RenderOptions } from './render/renderer.ts';
export type {
  Report,
  ReportCost,
  ReportFinding,
  ReportGpu,
  ReportGpuHours,
  ReportMachine,
} from './report/report.ts';
export { reportJsonSchema, reportSchema } from './report/schema.ts';
export type { SessionLine } from './store/lines.ts';
export { openLog, openLogFile } from './store/log/open-log.ts';
export type { LogOptions } from './store/log/options.ts';
export { openSession } from './store/open.ts';
export type { Recording, RecordingItem } from './store/recording.ts';
