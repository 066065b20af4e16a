import type { EventLine, HeaderLine, SessionLine, TickLine } from '../store/lines.ts';
import { type Idle, IdleSpell, type NotIdle } from '../usage/idle-spell.ts';

/** Follows the lines of a session and says since when all of its GPUs are provably idle. */
export class IdleWatch {
  readonly #spell: IdleSpell;
  readonly #columns: HeaderLine['columns'];
  #newestMs: number;

  constructor(header: Pick<HeaderLine, 'columns' | 'startedAt' | 'intervalMs' | 'gpus'>) {
    this.#spell = new IdleSpell(header.intervalMs);
    this.#columns = header.columns;
    this.#newestMs = header.startedAt;
    this.#spell.setGpuCount(header.gpus.length);
  }

  add(line: SessionLine): void {
    if (line.kind === 'gpus') this.#spell.setGpuCount(line.gpus.length);
    if (line.kind === 'event' && isUnplaced(line)) this.#spell.unread(line.message);
    if (line.kind === 'tick') this.#addTick(line);
  }

  /** The state at the newest tick. */
  now(): Idle | NotIdle {
    return this.#spell.at(this.#newestMs);
  }

  #addTick({ t, rows }: TickLine): void {
    this.#newestMs = Math.max(this.#newestMs, t);
    for (const [position, ...values] of rows) {
      if (position === null || position === undefined) continue;
      const read = (name: HeaderLine['columns'][number]): number =>
        values[this.#columns.indexOf(name)] ?? NaN;
      this.#spell.add(position, t, {
        utilizationGpuPct: read('utilizationGpuPct'),
        computeProcesses: read('computeProcesses'),
        memoryUsedMib: read('memoryUsedMib'),
      });
    }
  }
}

/** Whether an event tells of a GPU that is none of those sampled; a torn row is a reading of one of them, and is missing there. */
export function isUnplaced({ code, message }: EventLine): boolean {
  return code === 'reading-failed' && !message.startsWith('nvidia-smi gave');
}
