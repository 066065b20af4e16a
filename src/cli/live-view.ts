import { createLogUpdate } from 'log-update';
import type { PricingOptions } from '../audit/audit.ts';
import { LiveUsage } from '../audit/live-usage.ts';
import { liveFrame } from '../render/live.ts';
import { createCanvas } from '../render/table.ts';
import type { HeaderLine, MachineFacts, SessionLine } from '../store/lines.ts';
import { renderOptionsFor } from './terminal.ts';

/** The live view of one session. */
export interface LiveView {
  show(line: SessionLine): void;
  /** Paints once more and leaves that on the screen. */
  close(): void;
}

/** Closing the accounts takes longer as a session grows: painting may take this share of a core. */
const ownShare = 0.02;
const fastestMs = 200;

/** Repaints the state of the session on stderr: at each tick, each second, and when the window changes its size. */
export function openLiveView(
  header: HeaderLine,
  pricing: PricingOptions,
  color: boolean,
): LiveView {
  const accounts = new LiveUsage(header, pricing);
  const screen = createLogUpdate(process.stderr);
  const openedAt = performance.now();
  const offsetMs = Math.max(0, Date.now() - header.startedAt);
  const troubles = new Map<string, string>();
  let notBefore = 0;

  const paint = (): void => {
    const before = performance.now();
    if (before < notBefore) return;
    const elapsedMs = Math.round(offsetMs + before - openedAt);
    const options = renderOptionsFor(process.stderr, process.env, { color, verbose: false });
    const facts = {
      host: header.host.name,
      machineType: typeOf(header.machine),
      sessionId: header.id,
      elapsedMs,
      trouble: [...troubles.values()].at(-1) ?? null,
    };
    const machine = accounts.at(header.startedAt + elapsedMs);
    // One row is left to the cursor behind the frame.
    const rows = Math.max(4, (process.stderr.rows ?? 24) - 1);
    screen(liveFrame(machine, facts, rows, createCanvas(options)));
    notBefore = before + Math.max(fastestMs, (performance.now() - before) / ownShare);
  };
  const repaint = (): void => {
    notBefore = 0;
    paint();
  };
  const timer = setInterval(paint, 1000);
  process.stderr.on('resize', repaint);
  let isClosed = false;

  return {
    show(line) {
      accounts.add(line);
      if (line.kind === 'event') noteTrouble(troubles, line.code, line.message);
      if (line.kind === 'tick') paint();
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      clearInterval(timer);
      process.stderr.off('resize', repaint);
      repaint();
      screen.done();
      // Apart from the report that follows.
      process.stderr.write('\n');
    },
  };
}

/** Trouble stands until the same thing answers again. */
function noteTrouble(troubles: Map<string, string>, code: string, message: string): void {
  const [what = '', became] = code.split('-');
  if (became === 'lost') troubles.set(what, message);
  if (became === 'back') troubles.delete(what);
}

function typeOf(machine: MachineFacts | null): string | null {
  if (machine === null || machine.type === null) return null;
  return machine.provider === null ? machine.type : `${machine.provider}/${machine.type}`;
}
