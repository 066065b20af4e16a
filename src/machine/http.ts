import { Agent, request } from 'node:http';

/** What came back from a metadata service, or that nothing did. */
export type Answer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: Readonly<Record<string, string | string[] | undefined>>;
      readonly body: string;
    }
  | {
      readonly kind: 'silent';
      /** True if something accepted the connection: a token beyond its hop limit looks like that. */
      readonly connected: boolean;
      readonly reason: string;
    };

export interface Asking {
  readonly method?: 'GET' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Ends the request early; it is then silent. */
  readonly signal: AbortSignal;
}

/** Metadata documents are a few kilobytes; OCI's carries up to 32 kB of user data, twice. */
const longestBody = 256 * 1024;

/** An agent of our own: later Node versions let the global one use the environment's proxy. */
const agent = new Agent({ keepAlive: false });

/** Asks once, directly, without a proxy, redirects or retries. Never rejects. */
export function ask(url: string, asking: Asking): Promise<Answer> {
  return new Promise((resolve) => {
    let connected = false;
    const call = request(url, { agent, method: asking.method ?? 'GET', headers: asking.headers });
    const silent = (reason: string): void => {
      done({ kind: 'silent', connected, reason });
    };
    const stop = (): void => {
      silent('stopped');
    };
    const timer = setTimeout(() => {
      silent(`no answer within ${asking.timeoutMs} ms`);
    }, asking.timeoutMs);
    const done = (answer: Answer): void => {
      clearTimeout(timer);
      asking.signal.removeEventListener('abort', stop);
      call.destroy();
      resolve(answer);
    };

    asking.signal.addEventListener('abort', stop);
    call.on('socket', (socket) => {
      socket.on('connect', () => {
        connected = true;
      });
    });
    call.on('error', (error) => {
      silent(error.message);
    });
    call.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
        if (body.length > longestBody) silent('an answer too long for metadata');
      });
      response.on('error', (error) => {
        silent(error.message);
      });
      response.on('end', () => {
        done({
          kind: 'answer',
          status: response.statusCode ?? 0,
          headers: response.headers,
          body,
        });
      });
    });
    if (asking.signal.aborted) stop();
    else call.end();
  });
}

/** A JSON object's fields, or null for anything else. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  return isRecord(value) ? value : null;
}

/** True for an object that is not an array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A field that is a text of one line of at most 200 characters, or null. */
export function textField(
  record: Readonly<Record<string, unknown>> | null,
  key: string,
): string | null {
  const value = record?.[key];
  return typeof value === 'string' ? oneLine(value) : null;
}

/** A text as it may be kept and shown: trimmed, one line, printable, not empty, not long; null otherwise. */
export function oneLine(text: string): string | null {
  const trimmed = text.trim();
  return /^[\x20-\x7e]{1,200}$/.test(trimmed) ? trimmed : null;
}
