import type { RateCards } from '../merge.ts';

export const importFormats = ['skypilot', 'azure-retail', 'aws-pricelist', 'csv'] as const;
export type ImportFormat = (typeof importFormats)[number];

export interface ImportOptions {
  readonly format: ImportFormat;
  /** File or https address. */
  readonly source: string;
  /** Needed by formats that do not say whose prices they hold. */
  readonly provider?: string | undefined;
  readonly currency?: string | undefined;
  /** The day on which the prices held, where the source does not say. */
  readonly asOf?: string | undefined;
  /** Which of several zones' spot prices stands for the region; the median where left out. */
  readonly spot?: 'median' | 'min' | undefined;
  /** csv: the file's column for each of ours, such as `type=armSkuName`. */
  readonly columns?: readonly string[] | undefined;
  readonly isNetworkAllowed: boolean;
  /** Milliseconds without a byte after which a download is given up; 30 s where left out. */
  readonly silenceMs?: number | undefined;
  /** What is known of machines already: facts that the source lacks or has wrong. */
  readonly cards: RateCards;
}
