import { createLogUpdate } from 'log-update';
import { LiveUsage } from '../audit/live-usage.ts';
import type { PricingOptions } from '../audit/pricing.ts';
import { type LiveChoice, liveFrame } from '../render/live.ts';
import { type LiveOrder, liveOrders, orderKeys } from '../render/live-order.ts';
import { createCanvas } from '../render/table.ts';
import type { HeaderLine, MachineFacts, SessionLine } from '../store/lines.ts';
import { bugText } from './bug-text.ts';
import { openLiveKeys } from './live-keys.ts';
import { say } from './stderr.ts';
import { hasArea, renderOptionsFor } from './terminal.ts';

/** The live view of one session. */
export interface LiveView {
  show(line: SessionLine): void;
  /** Shown from the next painting on; null is nothing. */
  notice(text: string | null): void;
  /** Paints once more and leaves that on the screen. */
  close(): void;
}

/** Closing the accounts takes longer as a session grows: painting may take this share of a core. */
const ownShare = 0.02;
const fastestMs = 200;
/** … but a person does not wait longer than this to see what is. */
const slowestMs = 2000;

export interface LiveViewOptions {
  readonly pricing: PricingOptions;
  readonly color: boolean;
  /** What GPUs are sorted by at first: their index if left out. */
  readonly order?: LiveOrder;
  /** The accounts that are shown; the tests put some that fail here. */
  readonly accounts?: Pick<LiveUsage, 'add' | 'at'>;
  /** Tells the person at the terminal why the view has ended. */
  readonly tell?: (text: string) => void;
}

/**
 * Repaints the state of the session on stderr: at each tick, each second, and when the window changes its size.
 * A failure of its own ends the view, never the recording. Throws UsageError for a rate that can't be.
 */
export function openLiveView(header: HeaderLine, options: LiveViewOptions): LiveView {
  const { pricing, color, accounts = new LiveUsage(header, pricing), tell = say } = options;
  const screen = createLogUpdate(process.stderr);
  const openedAt = performance.now();
  const offsetMs = Math.max(0, Date.now() - header.startedAt);
  const troubles = new Map<string, string>();
  let choice: LiveChoice = {
    order: options.order ?? 'gpu',
    withProcesses: true,
    hasKeys: false,
  };
  let notice: string | null = null;
  let notBefore = 0;
  let isClosed = false;

  const paint = (): void => {
    const before = performance.now();
    if (before < notBefore || !hasArea(process.stderr)) return;
    const cpuBefore = process.cpuUsage();
    const elapsedMs = Math.round(offsetMs + before - openedAt);
    const options = renderOptionsFor(process.stderr, process.env, { color, verbose: false });
    // A report may be wider than a very narrow terminal; a frame that wraps can't be painted over.
    const canvas = { ...createCanvas(options), width: options.width };
    const facts = {
      host: header.host.name,
      machineType: typeOf(header.machine),
      sessionId: header.id,
      elapsedMs,
      trouble: latestTrouble(troubles),
      notice,
    };
    const machine = accounts.at(header.startedAt + elapsedMs);
    // One row is left to the cursor behind the frame.
    const rows = Math.max(4, (process.stderr.rows ?? 24) - 1);
    screen(liveFrame(machine, facts, rows, canvas, choice));
    // By CPU time: where others keep the cores busy, painting costs no more than it does.
    const { user, system } = process.cpuUsage(cpuBefore);
    const pauseMs = (user + system) / 1000 / ownShare;
    notBefore = before + Math.min(slowestMs, Math.max(fastestMs, pauseMs));
  };
  const end = (): void => {
    isClosed = true;
    clearInterval(timer);
    process.stderr.off('resize', repaint);
    keys.close();
    screen.done();
  };
  const attempt = (step: () => void): void => {
    if (isClosed) return;
    try {
      step();
    } catch (error) {
      end();
      tell(`\n${viewFailed(error)}`);
    }
  };
  const repaint = (): void => {
    notBefore = 0;
    attempt(paint);
  };
  const keys = openLiveKeys((key) => {
    const order = liveOrders.find((name) => orderKeys[name] === key);
    if (order !== undefined) choice = { ...choice, order };
    else if (key === 't') choice = { ...choice, withProcesses: !choice.withProcesses };
    else return;
    repaint();
  });
  choice = { ...choice, hasKeys: keys.areRead };
  const timer = setInterval(() => attempt(paint), 1000);
  process.stderr.on('resize', repaint);

  return {
    notice(text) {
      notice = text;
    },
    show(line) {
      attempt(() => {
        accounts.add(line);
        if (line.kind === 'event') {
          noteTrouble(troubles, line.code, line.message);
          notBefore = 0;
          paint();
        }
        if (line.kind === 'tick') paint();
      });
    },
    close() {
      if (isClosed) return;
      repaint();
      if (isClosed) return;
      end();
      // Apart from the report that follows.
      process.stderr.write('\n');
    },
  };
}

/** What is said of a view that failed. */
export function viewFailed(error: unknown): string {
  return bugText(error, 'The live view has ended; recording goes on. ');
}

/** What was told once and is never taken back. */
const told: readonly string[] = ['gpu-health', 'xid'];

/** Trouble stands until the same thing answers again; what is told once stands until the next of its kind. */
function noteTrouble(troubles: Map<string, string>, code: string, message: string): void {
  if (told.includes(code)) troubles.set(code, message);
  const [what = '', became] = code.split('-');
  if (became === 'lost') troubles.set(what, message);
  if (became === 'back') troubles.delete(what);
}

/** What does not answer comes before what was told once. */
function latestTrouble(troubles: ReadonlyMap<string, string>): string | null {
  const all = [...troubles];
  const standing = all.findLast(([what]) => !told.includes(what)) ?? all.at(-1);
  return standing?.[1] ?? null;
}

function typeOf(machine: MachineFacts | null): string | null {
  if (machine === null || machine.type === null) return null;
  return machine.provider === null ? machine.type : `${machine.provider}/${machine.type}`;
}
