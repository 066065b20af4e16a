import { isForeground } from './foreground.ts';

/** Keys of the live view. */
export interface LiveKeys {
  /** False where stdin is no terminal, or another process's. */
  readonly areRead: boolean;
  /** Gives the terminal back as it was; may be called again. */
  close(): void;
}

/**
 * Reads single keys from stdin while the view is shown, where stdin is a terminal and ours. In raw mode the terminal makes no
 * signals of keys: Ctrl-C, Ctrl-\ and Ctrl-Z do here what they always do.
 */
export function openLiveKeys(onKey: (key: string) => void): LiveKeys {
  const { stdin } = process;
  // In the background a terminal stops whoever changes its mode (SIGTTOU).
  if (stdin.isTTY !== true || !isForeground()) return { areRead: false, close: () => undefined };
  let isOpen = true;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    stdin.off('data', read);
    stdin.setRawMode(false);
    stdin.pause();
    process.off('SIGCONT', resume);
  };
  const resume = (): void => {
    if (isForeground()) stdin.setRawMode(true);
  };
  const read = (bytes: Buffer): void => {
    for (const key of bytes.toString('latin1')) {
      switch (key) {
        case '\u0003':
          process.kill(process.pid, 'SIGINT');
          break;
        case '\u001c':
          close();
          process.kill(process.pid, 'SIGQUIT');
          break;
        case '\u001a':
          stdin.setRawMode(false);
          process.kill(process.pid, 'SIGTSTP');
          break;
        default:
          onKey(key);
      }
    }
  };
  stdin.setRawMode(true);
  stdin.on('data', read);
  stdin.resume();
  // A terminal that keeps open what nobody waits for must not hold up the end.
  stdin.unref();
  process.on('SIGCONT', resume);
  return { areRead: true, close };
}
