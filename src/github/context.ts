import { readFile } from 'node:fs/promises';
import { UsageError } from '../errors.ts';

/** Where a comment goes. */
export interface CommentTarget {
  readonly apiUrl: string;
  /** `owner/name`. */
  readonly repository: string;
  /** Null where this run belongs to no pull request. */
  readonly pullRequest: number | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Repository and pull request of flags, else of the environment that GitHub Actions gives a job
 * (docs.github.com, default environment variables). Throws a UsageError for a repository that is missing or no `owner/name`.
 */
export async function commentTarget(
  flags: { readonly repo?: string; readonly pr?: number },
  env: Environment,
): Promise<CommentTarget> {
  const repository = flags.repo ?? env['GITHUB_REPOSITORY'];
  if (repository === undefined || repository === '') {
    throw new UsageError('no repository to comment in: GITHUB_REPOSITORY is not set', {
      hint: 'Outside of GitHub Actions pass --repo owner/name and --pr NUMBER.',
    });
  }
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) {
    throw new UsageError(`--repo expects owner/name, got "${repository}"`);
  }
  return {
    apiUrl: (env['GITHUB_API_URL'] ?? 'https://api.github.com').replace(/\/+$/, ''),
    repository,
    pullRequest: flags.pr ?? (await pullRequestOfEvent(env)) ?? pullRequestOfRef(env['GITHUB_REF']),
  };
}

async function pullRequestOfEvent(env: Environment): Promise<number | null> {
  const path = env['GITHUB_EVENT_PATH'];
  if (path === undefined || path === '') return null;
  let event: unknown;
  try {
    event = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new UsageError(`GITHUB_EVENT_PATH: ${path} can't be read as JSON`, {
      cause,
      hint: 'Pass --pr NUMBER.',
    });
  }
  const issue = field(event, 'issue');
  // A comment's event is an issue's; only that of a pull request names one.
  const commented = field(issue, 'pull_request') === undefined ? undefined : field(issue, 'number');
  const number = field(field(event, 'pull_request'), 'number') ?? commented;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : null;
}

/** refs/pull/12/merge, as on events of pull requests. */
function pullRequestOfRef(ref: string | undefined): number | null {
  const number = /^refs\/pull\/(\d+)\//.exec(ref ?? '')?.[1];
  return number === undefined ? null : Number(number);
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}
