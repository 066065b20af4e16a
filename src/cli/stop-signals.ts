import type { EndLine } from '../store/lines.ts';

/** What ends watching from outside. */
export interface Stop {
  readonly signal: AbortSignal;
  /** Why watching ended, once it has. */
  reason(): EndLine['reason'];
  end(reason: EndLine['reason']): void;
  /** Gives the signals back to Node. */
  release(): void;
}

/**
 * The first Ctrl-C, SIGTERM or SIGHUP asks for an orderly end; a second one ends the process at once by that
 * signal: the session stays readable as it is, and the children's guard takes care of them.
 */
export function stopOnSignals(): Stop {
  const controller = new AbortController();
  let why: EndLine['reason'] = 'duration';
  const end = (reason: EndLine['reason']): void => {
    if (controller.signal.aborted) return;
    why = reason;
    controller.abort();
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      release();
      process.kill(process.pid, signal);
      return;
    }
    end(signal === 'SIGINT' ? 'interrupt' : 'terminated');
  };
  const release = (): void => {
    for (const signal of handled) process.removeListener(signal, onSignal);
  };
  for (const signal of handled) process.on(signal, onSignal);
  return { signal: controller.signal, reason: () => why, end, release };
}

const handled = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** For a wrapped command, whose end is ours: signals are forwarded elsewhere. */
export function stopWithCommand(): Stop {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    reason: () => 'command-ended',
    end: () => controller.abort(),
    release: () => undefined,
  };
}
