import type { WatchFlags } from '../config/flags.ts';
import type { AuditSettings, OutputSettings } from '../config/options.ts';
import type { RateCards } from '../rates/merge.ts';
import type { SessionLine } from '../store/lines.ts';
import { say } from './stderr.ts';

export interface DisplayOptions {
  readonly terminal: boolean;
  readonly flags: WatchFlags;
  readonly output: OutputSettings;
  readonly cards: RateCards;
  readonly settings: AuditSettings;
}

/** What a person sees while the host is watched. */
export interface Display {
  show(line: SessionLine): void;
  /** Leaves the last view on the screen; may be called again. */
  close(): void;
}

/** A spinner and a live view on a terminal; elsewhere only what must be known at once. */
export async function openDisplay(options: DisplayOptions): Promise<Display> {
  if (!options.terminal)
    return { show: options.output.quiet ? () => undefined : sayTrouble, close: () => undefined };
  const { default: ora } = await import('ora');
  const spinner = ora({
    text: 'Starting nvidia-smi',
    stream: process.stderr,
    discardStdin: false,
  }).start();
  return {
    show: (line) => {
      spinner.stop();
      sayTrouble(line);
    },
    close: () => spinner.stop(),
  };
}

const trouble: readonly string[] = ['driver-lost', 'driver-back', 'gpu-lost', 'gpu-back'];

function sayTrouble(line: SessionLine): void {
  if (line.kind === 'event' && trouble.includes(line.code)) say(`gpucost: ${line.message}`);
}
