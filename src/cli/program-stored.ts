import { type Command, Option } from 'commander';
import { parseDuration } from '../config/duration.ts';
import { parseSize } from '../config/size.ts';
import { dataFolder } from '../store/home.ts';
import type { Done } from './program.ts';
import { examples, newCommand } from './program-kit.ts';

/** `sessions list|prune|export`. */
export function addSessions(program: Command, done: Done): void {
  const sessions = newCommand(program, 'sessions', 'what is stored: list, prune, export');

  newCommand(sessions, 'list', 'list the stored sessions, oldest first')
    .option('--json', 'as JSON')
    .action(async ({ json = false }: { readonly json?: boolean }) => {
      const { sessionsList } = await import('./sessions.ts');
      done(await sessionsList({ home: dataFolder(process.env), json }, toStdout));
    });

  newCommand(sessions, 'prune', 'remove old sessions, never one that is being recorded')
    .option('--keep <duration>', 'remove what ended longer ago, such as 30d', (text) =>
      parseDuration(text, '--keep'),
    )
    .option('--max-size <size>', 'remove the oldest beyond this size, such as 2GB', (text) =>
      parseSize(text, '--max-size'),
    )
    .option('--dry-run', 'say what would go, and touch nothing')
    .option('--json', 'as JSON')
    .addHelpText('after', examples([['gpucost sessions prune --keep 30d --dry-run', 'look first']]))
    .action(async (flags: PruneFlags) => {
      const { sessionsPrune } = await import('./sessions.ts');
      const options = {
        home: dataFolder(process.env),
        keepMs: flags.keep ?? null,
        maxBytes: flags.maxSize ?? null,
        dryRun: flags.dryRun ?? false,
        json: flags.json ?? false,
        nowMs: Date.now(),
      };
      done(await sessionsPrune(options, toStdout));
    });

  newCommand(sessions, 'export', 'write a session as CSV or JSON lines')
    .argument('[session]', 'an id, the beginning of one, or a path; default: the latest')
    .addOption(
      new Option('--format <format>', 'of the export').choices(['csv', 'jsonl']).default('csv'),
    )
    .option('-o, --output <file>', 'to a file instead of stdout')
    .addHelpText(
      'after',
      examples([['gpucost sessions export -o session.csv', 'the latest session']]),
    )
    .action(async (session: string | undefined, flags: ExportFlags) => {
      const { sessionsExport } = await import('./sessions.ts');
      const { writePieces } = await import('./stream-output.ts');
      const options = { home: dataFolder(process.env), session, format: flags.format };
      done(await sessionsExport(options, (pieces) => writePieces(pieces, flags.output ?? null)));
    });
}

interface PruneFlags {
  readonly keep?: number;
  readonly maxSize?: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

interface ExportFlags {
  readonly format: 'csv' | 'jsonl';
  readonly output?: string;
}

async function toStdout(text: string): Promise<void> {
  const { writeOutput } = await import('./output.ts');
  await writeOutput(text, null);
}
