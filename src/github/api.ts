import { HostError, UsageError } from '../errors.ts';

/** GitHub does not let this token do it: a run of a fork has a token that only reads. */
export class Forbidden extends Error {
  override readonly name = 'Forbidden';
}

/** GitHub can't just now; try again after `waitMs`, or at our own pace where it is null. */
export class TryAgain extends Error {
  override readonly name = 'TryAgain';
  readonly waitMs: number | null;

  constructor(message: string, waitMs: number | null) {
    super(message);
    this.waitMs = waitMs;
  }
}

export interface Api {
  /** The answer's JSON (undefined where there is none) and the path of the next page. */
  call(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body?: { readonly body: string },
  ): Promise<{ readonly json: unknown; readonly hasNext: boolean }>;
}

const timeoutMs = 30_000;

/**
 * GitHub's REST API with a job's token. Throws Forbidden (403, 404), TryAgain (5xx, 429, rate limits, no answer),
 * a UsageError for a token that is not accepted, and a HostError for anything else. No message holds the token.
 */
export function githubApi(apiUrl: string, token: string, nowMs: () => number): Api {
  const clean = (text: string): string => text.replaceAll(token, '***');
  return {
    async call(method, path, body) {
      let response: Response;
      let text: string;
      try {
        response = await fetch(`${apiUrl}${path}`, {
          method,
          headers: {
            accept: 'application/vnd.github+json',
            authorization: `Bearer ${token}`,
            'content-type': 'application/json',
            'user-agent': 'gpucost',
            'x-github-api-version': '2022-11-28',
          },
          signal: AbortSignal.timeout(timeoutMs),
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        // An answer can also break off in its middle.
        text = await response.text();
      } catch (cause) {
        const why = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
        const reason = why instanceof Error ? why.message : '';
        throw new TryAgain(clean(`${apiUrl} does not answer: ${reason}`), null);
      }
      if (response.ok) {
        return {
          json: text === '' ? undefined : parsed(text, apiUrl),
          hasNext: /rel="next"/.test(response.headers.get('link') ?? ''),
        };
      }
      const said = clean(`${method} ${path} answers ${response.status}${messageOf(text)}`);
      const waitMs = waitOf(response.headers, nowMs());
      if (response.status === 429 || response.status >= 500) throw new TryAgain(said, waitMs);
      if (response.status === 403 && (waitMs !== null || /rate limit/i.test(text))) {
        throw new TryAgain(said, waitMs);
      }
      if (response.status === 403 || response.status === 404) throw new Forbidden(said);
      if (response.status === 401) {
        throw new UsageError(said, {
          hint: 'Pass the job’s token: env: GITHUB_TOKEN: ${{ github.token }}.',
        });
      }
      throw new HostError(said);
    },
  };
}

/** `retry-after` in seconds, else the reset of a limit that is used up (docs.github.com, rate limits of the REST API). */
function waitOf(headers: Headers, nowMs: number): number | null {
  const after = headers.get('retry-after');
  if (after !== null && /^\d+$/.test(after)) return Number(after) * 1000;
  const reset = headers.get('x-ratelimit-reset');
  if (headers.get('x-ratelimit-remaining') !== '0' || reset === null) return null;
  return /^\d+$/.test(reset) ? Math.max(0, Number(reset) * 1000 - nowMs) : null;
}

function parsed(text: string, apiUrl: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HostError(`${apiUrl} answers with something that is not JSON`, { cause });
  }
}

function messageOf(text: string): string {
  const message = /"message"\s*:\s*"([^"]{1,200})/.exec(text)?.[1];
  return message === undefined ? '' : `: ${message}`;
}
