import type { WatchFlags } from '../config/flags.ts';
import {
  type AuditSettings,
  auditSettings,
  type OutputSettings,
  outputSettings,
} from '../config/options.ts';
import { findProjectFile } from '../config/project-file.ts';
import { UsageError } from '../errors.ts';
import type { ProgressReader } from '../progress/reader.ts';
import type { Relay } from '../progress/relay.ts';
import type { ProgressSource } from '../progress/source.ts';
import { loadRateCards } from '../rates/load.ts';
import type { RateCards } from '../rates/merge.ts';
import { checkFocusAccount } from '../render/focus/render.ts';
import { dataFolder } from '../store/home.ts';
import type { SessionLine } from '../store/lines.ts';
import { openSession } from '../store/open.ts';
import { checkPricing } from './check-pricing.ts';
import { checkThresholds } from './check-rules.ts';
import { openLineOutput } from './line-output.ts';
import { IdleAction, onIdleOf } from './on-idle.ts';
import { publish, wholeWindow } from './publish.ts';
import { record, type SampledHost } from './record.ts';
import { isTerminal, say } from './stderr.ts';
import { stopOnSignals } from './stop-signals.ts';
import { hasArea, terminalStream } from './terminal.ts';
import { thisHost } from './this-host.ts';
import { wrap } from './wrap.ts';

/**
 * Watches this host's GPUs until Ctrl-C, `--duration`, or the end of the wrapped command; then reports on the session.
 * Returns the wrapped command's exit code; without one 0, or 1 if a gate of the project file failed.
 */
export async function watch(command: readonly string[], flags: WatchFlags): Promise<number> {
  const output = outputSettings(flags);
  const project = await findProjectFile(process.cwd());
  if (project !== null) checkThresholds(project);
  const settings = auditSettings(flags, project);
  if (output.targets.some(({ format }) => format === 'focus')) checkFocusAccount(settings.focus);
  const cards = await loadRateCards(settings.ratePaths);
  // A long run must not end with a typing error in the machine's name.
  checkPricing(cards, flags, project);
  const onIdle = onIdleOf(flags);
  const pricing = { ...settings, cards, nowMs: Date.now() };
  let idle: IdleAction | null = null;
  /** What is to be told of idleness, once a line has come. */
  const seeIdle = (line: SessionLine, tell: (text: string) => void): string | null => {
    if (line.kind === 'header' && onIdle !== null) {
      idle = new IdleAction(onIdle, line, pricing, { say: tell });
    }
    return idle?.see(line) ?? null;
  };
  const openHost = (): Promise<SampledHost> => thisHost(flags, project, cards);
  const recording = {
    home: dataFolder(process.env),
    intervalMs: flags.interval,
    durationMs: flags.duration ?? null,
    gpus: flags.gpus ?? null,
  };

  const { progress: source = null } = flags;
  if (source?.from === 'output' && command.length === 0) {
    throw new UsageError('--progress reads the output of a command, and there is none', {
      hint: 'Write the command behind --, or name the file that its progress is appended to.',
    });
  }
  const reader = source === null ? null : await openReader(source);

  const [program, ...args] = command;
  if (program !== undefined) {
    if (flags.json === true && (flags.output ?? []).length === 0) {
      throw new UsageError('--json with a command needs -o: stdout belongs to the command', {
        hint: 'Write -o report.json before the --.',
      });
    }
    const onLine = (line: SessionLine): void => {
      seeIdle(line, say);
    };
    const relay = source?.from === 'output' ? await openCommandRelay(reader) : null;
    const progress = reader === null ? null : { reader, relay };
    const observed = { ...recording, onLine };
    const wanted = output.quiet ? filesOnly(output) : output;
    return wrap([program, ...args], openHost, observed, progress, wanted, (path) =>
      report(path, cards, settings, wanted, 'stderr'),
    );
  }

  const host = await openHost();
  const stop = stopOnSignals();
  const lines = flags.json === true ? openLineOutput(() => stop.end('interrupt')) : null;
  const { openDisplay } = await import('./display.ts');
  const display = await openDisplay({
    terminal: isTerminal() && hasArea(process.stderr),
    quiet: output.quiet,
    color: output.color,
    ...(flags.sort === undefined ? {} : { order: flags.sort }),
    pricing,
  });
  try {
    const path = await record(host, {
      ...recording,
      command: null,
      stop,
      progress: reader,
      onLine: (line) => {
        lines?.write(line);
        // On a terminal the view shows the countdown, and a line under it would be painted over.
        const notice = seeIdle(line, display.isView ? () => undefined : say);
        display.notice(notice);
        display.show(line);
      },
    });
    display.close();
    if (lines !== null && (flags.output ?? []).length === 0) return 0;
    return await report(path, cards, settings, output, 'stdout');
  } finally {
    display.close();
    reader?.close();
    stop.release();
  }
}

/** Behind a command a report on stderr is no result but a remark; a file was asked for. */
function filesOnly(output: OutputSettings): OutputSettings {
  return { ...output, targets: output.targets.filter(({ path }) => path !== null) };
}

async function openReader(source: ProgressSource): Promise<ProgressReader> {
  const { openProgressReader } = await import('../progress/reader.ts');
  return openProgressReader(source, (message) => say(`gpucost: ${message}`));
}

async function openCommandRelay(reader: ProgressReader | null): Promise<Relay | null> {
  if (reader === null) return null;
  const { openRelay } = await import('../progress/relay.ts');
  const screen = terminalStream();
  const size = { columns: screen?.columns ?? 80, rows: screen?.rows ?? 24 };
  return openRelay(size, () => reader.tap());
}

async function report(
  path: string,
  cards: RateCards,
  settings: AuditSettings,
  output: OutputSettings,
  fallback: 'stdout' | 'stderr',
): Promise<number> {
  return publish([await openSession(path)], cards, settings, wholeWindow, output, fallback);
}
