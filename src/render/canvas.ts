/** What the parts of the table report draw with; made by table.ts from chalk and cli-table3. */
export interface Canvas {
  readonly width: number;
  readonly unicode: boolean;
  readonly verbose: boolean;
  readonly paint: Paint;
  readonly dash: string;
  readonly arrow: string;
  readonly times: string;
  readonly dot: string;
  readonly ellipsis: string;
  /** Lays out cells in columns, two spaces apart, without borders. */
  columns(rows: readonly (readonly string[])[], align: readonly Align[]): string[];
}

export type Align = 'left' | 'right';

type Stroke = (text: string) => string;

export interface Paint {
  readonly bold: Stroke;
  readonly dim: Stroke;
  readonly red: Stroke;
  readonly yellow: Stroke;
  readonly green: Stroke;
  readonly cyan: Stroke;
  readonly magenta: Stroke;
}
