import type { PricingOptions } from '../audit/pricing.ts';
import { UsageError } from '../errors.ts';
import type { LiveOrder } from '../render/live-order.ts';
import type { SessionLine } from '../store/lines.ts';
import { say } from './stderr.ts';

export interface DisplayOptions {
  readonly terminal: boolean;
  readonly quiet: boolean;
  readonly color: boolean;
  /** What the view's GPUs are sorted by at first. */
  readonly order?: LiveOrder;
  readonly pricing: PricingOptions;
}

/** What a person sees while the host is watched. */
export interface Display {
  /** True where a person sees a view that is painted again and again. */
  readonly isView: boolean;
  show(line: SessionLine): void;
  /** What the view says beside the accounts from now on; null is nothing. Elsewhere it is not shown. */
  notice(text: string | null): void;
  /** Leaves the last view on the screen; may be called again. */
  close(): void;
}

/** A spinner, then a live view, on a terminal; elsewhere only what must be known at once. */
export async function openDisplay(options: DisplayOptions): Promise<Display> {
  const none = { isView: false, notice: () => undefined, close: () => undefined };
  if (options.quiet) return { ...none, show: () => undefined };
  if (!options.terminal) return { ...none, show: sayTrouble };
  const { default: ora } = await import('ora');
  const spinner = ora({
    text: 'Starting nvidia-smi (10 s and more on large hosts)',
    stream: process.stderr,
    discardStdin: false,
  }).start();
  const { openLiveView, viewFailed } = await import('./live-view.ts');
  let view: ReturnType<typeof openLiveView> | null = null;
  return {
    isView: true,
    notice: (text) => view?.notice(text),
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

const trouble: readonly string[] = [
  'driver-lost',
  'driver-back',
  'gpu-lost',
  'gpu-back',
  'xid',
  'gpu-health',
];

function sayTrouble(line: SessionLine): void {
  if (line.kind === 'event' && trouble.includes(line.code)) say(`gpucost: ${line.message}`);
}
