import type { RecordingItem } from '../recording.ts';

interface Tally {
  readonly code: string;
  readonly firstLine: number;
  readonly text: (count: number, firstLine: number) => string;
  count: number;
}

const distinctTexts = 20;

/** Counts what went wrong, so that a log with a million bad rows gives one warning and not a million. */
export class LogWarnings {
  private readonly tallies = new Map<string, Tally>();
  private dropped = 0;

  /** `key` joins what is told together; `text` writes the message from the count and the first line. */
  note(
    code: string,
    key: string,
    line: number,
    text: (count: number, firstLine: number) => string,
  ): void {
    const id = `${code} ${key}`;
    const known = this.tallies.get(id);
    if (known !== undefined) known.count += 1;
    else if (this.tallies.size < distinctTexts) {
      this.tallies.set(id, { code, firstLine: line, text, count: 1 });
    } else this.dropped += 1;
  }

  items(): RecordingItem[] {
    const items: RecordingItem[] = [...this.tallies.values()].map((tally) => ({
      kind: 'warning',
      code: tally.code,
      message: tally.text(tally.count, tally.firstLine),
    }));
    if (this.dropped > 0) {
      const message = `${this.dropped} further irregular lines of other kinds`;
      items.push({ kind: 'warning', code: 'bad-row', message });
    }
    return items;
  }
}
