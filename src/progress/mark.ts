/** What a run counts. Tokens are counted as they are; reports show millions. */
export type WorkUnit = 'step' | 'epoch' | 'token';

/** One reading of one counter, as a line of output told it. */
export interface Mark {
  readonly unit: WorkUnit;
  /** Which of several counters of this unit: a bar's own label with its digits masked; empty where there is none. */
  readonly label: string;
  readonly count: number;
  /** How far it goes; null where the line does not say. */
  readonly total: number | null;
}
