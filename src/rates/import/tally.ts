/** What an import took, dropped and doubted; rows and single figures are counted apart. */
export class Tally {
  rowsRead = 0;
  private readonly dropped = new Map<string, { count: number; example: string }>();
  private readonly flags: string[] = [];
  private droppedRowCount = 0;

  get rowsDropped(): number {
    return this.droppedRowCount;
  }

  get rowsTaken(): number {
    return this.rowsRead - this.droppedRowCount;
  }

  /** A whole row that is not used. */
  dropRow(reason: string, example: string): void {
    this.droppedRowCount += 1;
    this.dropFigure(reason, example);
  }

  /** One figure of a row whose others are used. */
  dropFigure(reason: string, example: string): void {
    const known = this.dropped.get(reason);
    if (known === undefined) this.dropped.set(reason, { count: 1, example });
    else known.count += 1;
  }

  /** Something that was taken and is doubtful. */
  flag(text: string): void {
    this.flags.push(text);
  }

  /** How often something was dropped for a reason. */
  countOf(reason: string): number {
    return this.dropped.get(reason)?.count ?? 0;
  }

  /** Lines for people: counts, reasons with an example each, doubts. */
  summary(): string {
    const reasons = [...this.dropped]
      .toSorted((a, b) => b[1].count - a[1].count)
      .map(([reason, { count, example }]) => `  dropped ${count}: ${reason} (${example})`);
    const shown = this.flags.slice(0, mostFlags).map((flag) => `  doubtful: ${flag}`);
    const more = this.flags.length - shown.length;
    return [
      `${this.rowsRead} rows read, ${this.rowsTaken} used, ${this.rowsDropped} not used`,
      ...reasons,
      ...shown,
      ...(more > 0 ? [`  doubtful: and ${more} more`] : []),
      '',
    ].join('\n');
  }
}

const mostFlags = 20;
