import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Stored {
  id: number;
  body: string;
  /** Left out for a person's. */
  user?: Author;
}

interface Author {
  readonly login: string;
  readonly type: 'User' | 'Bot';
}

const person: Author = { login: 'a-person', type: 'User' };

/** As whom a job's token writes; it may not ask who it is. */
export const actionsBot: Author = { login: 'github-actions[bot]', type: 'Bot' };

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly message?: string;
  /** The change is made all the same: the answer is lost, not the request. */
  readonly happens?: boolean;
  /** The connection is lost in the middle of the answer. */
  readonly breaksOff?: boolean;
}

/** Behaves like GitHub's API for issue comments: pages with link headers, 201/200/204, and failures on request. */
export async function githubServer(comments: Stored[], self = actionsBot, pageSize = 100) {
  const failures: Answer[] = [];
  const requests: { method: string; path: string; authorization: string }[] = [];
  let nextId = 1000;

  const change = (method: string, id: number, body: string): unknown => {
    if (method === 'POST') {
      const created = { id: (nextId += 1), body, user: self };
      comments.push(created);
      return created;
    }
    const index = comments.findIndex((comment) => comment.id === id);
    if (method === 'DELETE') comments.splice(index, 1);
    else comments[index] = { ...comments[index], id, body };
    return { id, body };
  };

  const server = createServer((request, response) => {
    void textOf(request).then((text) => {
      const { method = '', url = '' } = request;
      const { pathname, searchParams } = new URL(url, 'http://localhost');
      requests.push({
        method,
        path: pathname,
        authorization: request.headers.authorization ?? '',
      });
      const id = Number(/\/comments\/(\d+)$/.exec(pathname)?.[1]);
      const sent: unknown = text === '' ? {} : JSON.parse(text);
      const body =
        typeof sent === 'object' && sent !== null && 'body' in sent ? String(sent.body) : '';
      const failure = failures.shift();
      if (failure !== undefined) {
        if (failure.happens === true) change(method, id, body);
        response.writeHead(failure.status, failure.headers);
        if (failure.breaksOff === true) {
          response.write('[{"id":', () => response.destroy());
          return;
        }
        response.end(JSON.stringify({ message: failure.message ?? 'no' }));
        return;
      }
      if (method !== 'GET') {
        const changed = change(method, id, body);
        response.writeHead(method === 'POST' ? 201 : method === 'DELETE' ? 204 : 200);
        response.end(method === 'DELETE' ? '' : JSON.stringify(changed));
        return;
      }
      if (pathname === '/user') {
        response.writeHead(self.type === 'Bot' ? 403 : 200);
        const refused = { message: 'Resource not accessible by integration' };
        response.end(JSON.stringify(self.type === 'Bot' ? refused : self));
        return;
      }
      const page = Number(searchParams.get('page') ?? '1');
      const hasNext = page * pageSize < comments.length;
      response.writeHead(200, hasNext ? { link: '<http://localhost/next>; rel="next"' } : {});
      const shown = comments.slice((page - 1) * pageSize, page * pageSize);
      response.end(JSON.stringify(shown.map((comment) => ({ user: person, ...comment }))));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A listening TCP server has such an address.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    comments,
    failures,
    requests,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request) text += String(piece);
  return text;
}
