import { afterEach, expect, it } from 'vitest';
import { HostError, UsageError } from '../../src/errors.ts';
import { Forbidden, githubApi } from '../../src/github/api.ts';
import { fitComment, longestComment } from '../../src/github/body.ts';
import { type Behavior, publishComment } from '../../src/github/publish-comment.ts';
import { actionsBot, githubServer } from '../kit/github-server.ts';

const marker = '<!-- gpucost:report -->';
const other = { id: 1, body: '<!-- infracost -->\nanother tool' };
const quote = { id: 2, body: `> ${marker}\nquoted by a person` };
const ours = { id: 3, body: `${marker}\nold`, user: actionsBot };
const copied = { id: 4, body: `${marker}\ncopied by a person` };
const token = 'ghs_secret';
const nowMs = 1_700_000_000_000;

let server: Awaited<ReturnType<typeof githubServer>>;
afterEach(() => server.close());

async function publish(behavior: Behavior = 'update') {
  const waits: number[] = [];
  const done = await publishComment(
    githubApi(server.url, token, () => nowMs),
    { repository: 'me/it', pullRequest: 7, body: `${marker}\nnew`, marker, behavior },
    (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
  );
  return { done, waits };
}
const bodies = (): string[] => server.comments.map(({ body }) => body);

it.each([
  ['update', [other, quote, ours], [other.body, quote.body, `${marker}\nnew`]],
  ['update', [other, quote], [other.body, quote.body, `${marker}\nnew`]],
  ['new', [other, ours], [other.body, ours.body, `${marker}\nnew`]],
  ['delete-and-new', [ours, other], [other.body, `${marker}\nnew`]],
] as const)('%s among %j', async (behavior, before, after) => {
  server = await githubServer([...before]);
  await publish(behavior);
  expect(bodies()).toEqual(after);
  expect(server.requests.every(({ authorization }) => authorization === `Bearer ${token}`)).toBe(
    true,
  );
});

it.each([
  ['update', [ours, copied], [`${marker}\nnew`, copied.body]],
  ['update', [copied], [copied.body, `${marker}\nnew`]],
  ['delete-and-new', [copied, ours], [copied.body, `${marker}\nnew`]],
] as const)('%s leaves what others wrote under our marker: %j', async (behavior, before, after) => {
  server = await githubServer([...before]);
  await publish(behavior);
  expect(bodies()).toEqual(after);
});

it('tries again where an answer breaks off in its middle', async () => {
  server = await githubServer([other]);
  server.failures.push({ status: 200, breaksOff: true });
  expect(await publish()).toMatchObject({ done: 'created', waits: [1000] });
  expect(bodies()).toEqual([other.body, `${marker}\nnew`]);
});

it("a person's token finds that person's comments, and neither a job's nor another's", async () => {
  const me = { login: 'me', type: 'User' } as const;
  const mine = { id: 5, body: `${marker}\nmine`, user: me };
  server = await githubServer([mine, ours, copied], me);
  await publish();
  expect(bodies()).toEqual([`${marker}\nnew`, ours.body, copied.body]);
  server.close();
  server = await githubServer([ours, copied], me);
  await publish('delete-and-new');
  expect(bodies()).toEqual([ours.body, copied.body, `${marker}\nnew`]);
});

it('another writer of the same text is not taken for a retry that came through', async () => {
  server = await githubServer([{ id: 4, body: `${marker}\nnew` }]);
  server.failures.push({ status: 502 });
  await publish('new');
  expect(bodies()).toEqual([`${marker}\nnew`, `${marker}\nnew`]);
});

it('finds our comment on a later page', async () => {
  const many = Array.from({ length: 230 }, (_, i) => ({ id: 10 + i, body: `remark ${i}` }));
  server = await githubServer([...many, { ...ours, id: 900 }]);
  expect((await publish()).done).toBe('updated');
  expect(server.requests.map(({ method }) => method)).toEqual([
    'GET',
    'GET',
    'GET',
    'GET',
    'PATCH',
  ]);
});

it.each([
  ['5xx, at our own pace', [{ status: 502 }, { status: 500 }], [1000, 2000]],
  ['429 with retry-after', [{ status: 429, headers: { 'retry-after': '7' } }], [7000]],
  [
    'a used-up limit, at its reset',
    [
      {
        status: 403,
        headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${nowMs / 1000 + 30}` },
      },
    ],
    [30_000],
  ],
  [
    'a secondary limit',
    [{ status: 403, message: 'You have exceeded a secondary rate limit' }],
    [1000],
  ],
])('tries again after %s', async (_name, failures, expected) => {
  server = await githubServer([ours]);
  server.failures.push(...failures);
  expect(await publish()).toEqual({ done: 'updated', waits: expected });
});

it.each(['update', 'new', 'delete-and-new'] as const)(
  'writes one comment where only the answer was lost: %s',
  async (behavior) => {
    server = await githubServer([]);
    const api = githubApi(server.url, token, () => nowMs);
    const lossy: typeof api = {
      call: (method, path, body) => {
        if (method === 'POST') server.failures.push({ status: 502, happens: true });
        return api.call(method, path, body);
      },
    };
    const comment = {
      repository: 'me/it',
      pullRequest: 7,
      body: `${marker}\nnew`,
      marker,
      behavior,
    };
    await publishComment(lossy, comment, () => Promise.resolve());
    expect(bodies()).toEqual([`${marker}\nnew`]);
  },
);

it.each([403, 404])('%i is told apart, and not tried again', async (status) => {
  server = await githubServer([]);
  server.failures.push({ status, message: 'Resource not accessible by integration' });
  await expect(publish()).rejects.toThrow(Forbidden);
  expect(server.requests).toHaveLength(1);
});

it('gives up after five tries, or where the wait is too long', async () => {
  server = await githubServer([]);
  server.failures.push(...Array.from({ length: 9 }, () => ({ status: 503 })));
  await expect(publish()).rejects.toThrow(HostError);
  expect(server.requests).toHaveLength(5);
  server.failures.splice(0, 9, { status: 429, headers: { 'retry-after': '3600' } });
  await expect(publish()).rejects.toThrow(/429/);
  expect(server.requests).toHaveLength(6);
});

it('never says the token', async () => {
  server = await githubServer([]);
  server.failures.push({ status: 401, message: `Bad credentials ${token}` });
  const error: unknown = await publish().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UsageError);
  expect(String(error)).not.toContain(token);
  expect(String(error)).toContain('401');
});

it('cuts between lines, before a table, and says so', async () => {
  server = await githubServer([]);
  const row = '| a | b |';
  const text = [marker, 'head', '', ...Array.from({ length: 20_000 }, () => row)].join('\n');
  const cut = fitComment(text);
  expect(cut.length).toBeLessThanOrEqual(longestComment);
  expect(cut).toContain('_Cut here');
  expect(cut).not.toContain(row);
  const lines = fitComment(
    [marker, ...Array.from({ length: 9000 }, () => '- a finding')].join('\n'),
  );
  expect(lines.length).toBeGreaterThan(longestComment - 200);
  expect(lines.length).toBeLessThanOrEqual(longestComment);
  expect(fitComment('short')).toBe('short');
});
