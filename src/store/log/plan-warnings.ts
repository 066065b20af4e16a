import type { RecordingItem } from '../recording.ts';
import type { LogOptions } from './options.ts';
import type { Plan } from './plan.ts';

/** What a reader of the report has to know about how the log was understood. */
export function planWarnings(source: string, plan: Plan, options: LogOptions): RecordingItem[] {
  const { fields = [], intervalMs } = options;
  const ignored = plan.unknown.filter((name) => name !== '-' && fields.includes(name));
  const messages: [string, string | null][] = [
    [
      'times-unknown',
      plan.timeCell >= 0
        ? null
        : `${source} has no timestamps: rows are taken to be ${intervalMs ?? 0} ms apart, and when it was recorded is not known (JSON and CSV count from 1970-01-01T00:00:00Z)`,
    ],
    [
      'interval-ignored',
      plan.timeCell >= 0 && intervalMs !== undefined
        ? `${source} has timestamps, so --interval is not used`
        : null,
    ],
    [
      'fields-ignored',
      ignored.length > 0 ? `--fields: ${ignored.join(', ')} is not used; is it spelt right?` : null,
    ],
    [
      'memory-derived',
      plan.derivesMemory
        ? `${source} has no memory.used: total less free and reserved is used, which is within 2 MiB`
        : null,
    ],
  ];
  return messages.flatMap(([code, message]) =>
    message === null ? [] : [{ kind: 'warning' as const, code, message }],
  );
}
