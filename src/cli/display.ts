import type { PricingOptions } from '../audit/pricing.ts';
import { UsageError } from '../errors.ts';
import type { SessionLine } from '../store/lines.ts';
import { say } from './stderr.ts';

export interface DisplayOptions {
  readonly terminal: boolean;
  readonly quiet: boolean;
  readonly color: boolean;
  readonly pricing: PricingOptions;
}

/** What a person sees while the host is watched. */
export interface Display {
  show(line: SessionLine): void;
  /** Leaves the last view on the screen; may be called again. */
  close(): void;
}

/** A spinner, then a live view, on a terminal; elsewhere only what must be known at once. */
export async function openDisplay(options: DisplayOptions): Promise<Display> {
  if (options.quiet) return { show: () => undefined, close: () => undefined };
  if (!options.terminal) return { show: sayTrouble, close: () => undefined };
  const { default: ora } = await import('ora');
  const spinner = ora({
    text: 'Starting nvidia-smi (10 s and more on large hosts)',
    stream: process.stderr,
    discardStdin: false,
  }).start();
  const { openLiveView, viewFailed } = await import('./live-view.ts');
  let view: ReturnType<typeof openLiveView> | null = null;
  return {
    show(line) {
      if (line.kind === 'header') {
        spinner.stop();
        try {
          view = openLiveView(line, options);
        } catch (error) {
          // A rate that can't be is told before the first sample; nothing else may end the recording.
          if (error instanceof UsageError) throw error;
          say(viewFailed(error));
        }
      }
      view?.show(line);
    },
    close() {
      spinner.stop();
      view?.close();
    },
  };
}

const trouble: readonly string[] = ['driver-lost', 'driver-back', 'gpu-lost', 'gpu-back'];

function sayTrouble(line: SessionLine): void {
  if (line.kind === 'event' && trouble.includes(line.code)) say(`gpucost: ${line.message}`);
}
