import { execFileSync, spawnSync } from 'node:child_process';

/** Whether tmux is there: a real terminal for tests of what a person sees. */
export const hasTmux = spawnSync('tmux', ['-V']).status === 0;

/** A program in a real terminal of its own. */
export interface Terminal {
  /** What is on the screen, without trailing blanks. */
  screen(): string;
  /** The screen with what has scrolled off above it. */
  everything(): string;
  /** Waits until the screen holds a text, and returns the screen; throws with the last one seen. */
  until(text: string | RegExp, withinMs?: number, isAll?: boolean): Promise<string>;
  /** Waits for the program's end, and returns its exit code; throws with the screen where it does not come. */
  ended(withinMs?: number): Promise<number>;
  /** Types keys as tmux names them, such as `C-c`. */
  keys(...names: readonly string[]): void;
  resize(columns: number, rows: number): void;
  close(): void;
}

let count = 0;

/** Opens a terminal that runs a shell command; what it prints stays when it has ended. */
export function openTerminal(
  command: string,
  columns: number,
  rows: number,
  { CI: _ci, NO_COLOR: _noColor, ...env }: NodeJS.ProcessEnv,
): Terminal {
  // A server of its own: it knows nothing of the person's own tmux, nor of its settings.
  const socket = `gpucost-test-${process.pid}-${count++}`;
  const tmux = (...args: readonly string[]): string =>
    execFileSync('tmux', ['-L', socket, '-f', '/dev/null', ...args], { env, encoding: 'utf8' });
  const size = ['-x', String(columns), '-y', String(rows)];
  tmux('-u', 'new-session', '-d', '-s', 'test', ...size, command);
  tmux('set', '-g', 'status', 'off');
  tmux('set', '-g', 'remain-on-exit', 'on');
  tmux('resize-window', '-t', 'test', ...size);
  const capture = (...from: readonly string[]): string =>
    tmux('capture-pane', '-p', '-t', 'test', ...from)
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n')
      .trimEnd();
  const screen = (): string => capture();
  return {
    screen,
    everything: () => capture('-S', '-'),
    async ended(withinMs = 60_000) {
      const deadline = Date.now() + withinMs;
      for (;;) {
        const [server, isDead, status] = tmux(
          'display',
          '-p',
          '-t',
          'test',
          '#{pid} #{pane_dead} #{pane_dead_status}',
        )
          .trim()
          .split(' ');
        // The terminal closes a moment before the exit code is known.
        if (isDead === '1' && status !== undefined) return Number(status);
        // A server that missed the signal never asks for the exit code (seen with tmux 3.3a): told again, it does.
        if (isDead === '1') process.kill(Number(server), 'SIGCHLD');
        if (Date.now() > deadline) throw new Error(`still running, showing:\n${screen()}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    async until(text, withinMs = 30_000, isAll = false) {
      const deadline = Date.now() + withinMs;
      for (;;) {
        const seen = isAll ? capture('-S', '-') : screen();
        if (typeof text === 'string' ? seen.includes(text) : text.test(seen)) return seen;
        if (Date.now() > deadline) {
          throw new Error(`the terminal did not show ${String(text)}, but:\n${seen}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    keys: (...names) => void tmux('send-keys', '-t', 'test', ...names),
    resize: (width, height) =>
      void tmux('resize-window', '-t', 'test', '-x', String(width), '-y', String(height)),
    close: () => void spawnSync('tmux', ['-L', socket, 'kill-server']),
  };
}
