/** One thing that doctor looked at. Ids are contracts: scripts select by them. */
export interface Check {
  readonly id: CheckId;
  readonly title: string;
  /** `warn`: gpucost works, but sees less or costs more; `fail`: `watch` can't do its job; `skip`: not to be told. */
  readonly status: CheckStatus;
  /** What was found. */
  readonly found: string;
  /** What to do; null where there is nothing to do. */
  readonly next: string | null;
}

export type CheckStatus = 'ok' | 'warn' | 'fail' | 'skip';

export type CheckId =
  | 'nvidia-smi'
  | 'driver'
  | 'gpus'
  | 'fields'
  | 'readings'
  | 'activity'
  | 'mig'
  | 'persistence'
  | 'processes'
  | 'permissions'
  | 'host-signals'
  | 'xids'
  | 'cpu-limits'
  | 'data-folder'
  | 'disk-space'
  | 'machine'
  | 'rate';
