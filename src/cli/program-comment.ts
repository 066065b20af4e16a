import { type Command, Option } from 'commander';
import { parseCount } from '../config/amount.ts';
import { behaviors } from '../github/publish-comment.ts';
import type { CommentFlags } from './comment.ts';
import type { Done } from './program.ts';
import { examples, newCommand } from './program-kit.ts';

/** `comment github`. */
export function addComment(program: Command, done: Done): void {
  const comment = newCommand(
    program,
    'comment',
    'put a report or a comparison onto a pull request',
  );
  newCommand(comment, 'github', "comment on a GitHub pull request with the job's GITHUB_TOKEN")
    .argument('<report>', 'a report or a comparison (gpucost diff) as JSON')
    .addOption(
      new Option('--behavior <what>', 'what becomes of our earlier comment')
        .choices(behaviors)
        .default('update'),
    )
    .option('--repo <owner/name>', 'the repository; default: GITHUB_REPOSITORY')
    .option('--pr <number>', "the pull request; default: the job's", (text) =>
      parseCount(text, '--pr'),
    )
    .option('--dry-run', 'print the comment instead')
    .addHelpText(
      'after',
      examples([
        ['gpucost comment github report.json', 'in a job of a pull request'],
        ['gpucost comment github report.json --dry-run', 'see what it would say'],
      ]),
    )
    .action(async (path: string, flags: CommentFlags) => {
      const { commentGithub } = await import('./comment.ts');
      done(await commentGithub(path, flags));
    });
}
