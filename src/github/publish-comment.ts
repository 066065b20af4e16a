import { HostError } from '../errors.ts';
import { type Api, Forbidden, TryAgain } from './api.ts';

export const behaviors = ['update', 'new', 'delete-and-new'] as const;

/** What becomes of our earlier comment. */
export type Behavior = (typeof behaviors)[number];

export interface Comment {
  readonly repository: string;
  readonly pullRequest: number;
  readonly body: string;
  /** The first line by which our comments are found again. */
  readonly marker: string;
  readonly behavior: Behavior;
}

const attempts = 5;
const firstWaitMs = 1_000;
/** A job that waits longer for a comment costs more than the comment is worth. */
const longestWaitMs = 60_000;

/**
 * Puts a comment on a pull request: `update` changes our last one, `new` adds one, `delete-and-new` removes ours first.
 * Comments of others are left alone, also those that begin with our marker. Tries again, each time from the list of comments, so that a comment that came
 * through although its answer did not is not written twice. Throws a HostError when GitHub stays away.
 */
export async function publishComment(
  api: Api,
  comment: Comment,
  sleep: (ms: number) => Promise<void>,
): Promise<'updated' | 'created'> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await publishOnce(api, comment, attempt > 0);
    } catch (error) {
      if (!(error instanceof TryAgain)) throw error;
      const waitMs = error.waitMs ?? firstWaitMs * 2 ** attempt;
      if (attempt + 1 >= attempts || waitMs > longestWaitMs) {
        throw new HostError(`no comment was written: ${error.message}`, {
          cause: error,
          hint: `Tried ${attempt + 1} times; the report itself is not affected.`,
        });
      }
      await sleep(waitMs);
    }
  }
}

async function publishOnce(
  api: Api,
  comment: Comment,
  isRetry: boolean,
): Promise<'updated' | 'created'> {
  const { repository, pullRequest, body, behavior } = comment;
  const comments = `/repos/${repository}/issues/${pullRequest}/comments`;
  const byId = (id: number): string => `/repos/${repository}/issues/comments/${id}`;
  const needsList = behavior !== 'new' || isRetry;
  const ours = needsList ? await ourComments(api, comments, comment.marker) : [];
  const last = ours.at(-1);
  if (isRetry && last?.body === body) return 'created';
  if (behavior === 'update' && last !== undefined) {
    await api.call('PATCH', byId(last.id), { body });
    return 'updated';
  }
  if (behavior === 'delete-and-new') {
    for (const { id } of ours) await api.call('DELETE', byId(id));
  }
  await api.call('POST', comments, { body });
  return 'created';
}

interface Found {
  readonly id: number;
  readonly body: string;
  readonly user: Author | null;
}

interface Author {
  readonly login: string;
  readonly type: string;
}

async function ourComments(api: Api, path: string, marker: string): Promise<Found[]> {
  const marked: Found[] = [];
  for (let page = 1; ; page += 1) {
    const { json, hasNext } = await api.call('GET', `${path}?per_page=100&page=${page}`);
    if (!Array.isArray(json)) throw new HostError(`${path} answers with no list of comments`);
    // GitHub keeps what was sent, but turns line ends into CRLF in what people edit.
    const comments: unknown[] = json;
    for (const entry of comments) {
      const comment = toComment(entry);
      if (comment?.body.trimStart().startsWith(marker)) marked.push(comment);
    }
    if (!hasNext) break;
  }
  if (marked.length === 0) return [];
  const login = await ownLogin(api);
  return marked.filter(({ user }) =>
    login === null ? isApp(user) : user !== null && user.login === login,
  );
}

/** Whose token it is; null for a job's token and other tokens of apps, which GitHub does not tell. */
async function ownLogin(api: Api): Promise<string | null> {
  try {
    const { json } = await api.call('GET', '/user');
    const author = toAuthor(json);
    if (author === null) throw new HostError('/user answers without a login');
    return author.login;
  } catch (error) {
    if (error instanceof Forbidden) return null;
    throw error;
  }
}

/** What an app writes, GitHub signs with a name that no person can take. */
const isApp = (user: Author | null): boolean =>
  user !== null && user.type === 'Bot' && user.login.endsWith('[bot]');

function toComment(entry: unknown): Found | null {
  if (typeof entry !== 'object' || entry === null) return null;
  if (!('id' in entry) || typeof entry.id !== 'number') return null;
  if (!('body' in entry) || typeof entry.body !== 'string') return null;
  return { id: entry.id, body: entry.body, user: toAuthor('user' in entry ? entry.user : null) };
}

function toAuthor(value: unknown): Author | null {
  if (typeof value !== 'object' || value === null) return null;
  if (!('login' in value) || typeof value.login !== 'string') return null;
  const type = 'type' in value && typeof value.type === 'string' ? value.type : '';
  return { login: value.login, type };
}
