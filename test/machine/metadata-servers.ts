import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Endpoints } from '../../src/machine/metadata.ts';

/**
 * Synthetic metadata services that answer as the clouds' documentation says (paths, headers, status codes, forms of
 * the documents); ids, names and times are made up.
 */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface Served {
  readonly base: string;
  readonly endpoints: Endpoints;
  /** What was asked, as `PUT /latest/api/token`. */
  readonly asked: string[];
}

/** Serves on 127.0.0.1 until the test ends. */
export async function serve(handler: Handler): Promise<Served> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    handler(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // A TCP server has an address of this form once it listens.
  const { port } = server.address() as AddressInfo;
  const base = `http://127.0.0.1:${port}`;
  return { base, endpoints: { aws: base, gcp: base, azure: base, oci: base }, asked };
}

/** An address at which nothing listens: connections are refused. */
export async function refusing(): Promise<Endpoints> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const base = `http://127.0.0.1:${port}`;
  return { aws: base, gcp: base, azure: base, oci: base };
}

/** Accepts and never answers. */
export const mute: Handler = () => undefined;

export const garbage: Handler = (_request, response) => {
  response.end('<html>captive portal</html>');
};

export const notFound: Handler = (_request, response) => {
  response.writeHead(404).end('404 - Not Found');
};

export interface AwsOptions {
  /** required: version 2 only, requests without a token get 401. */
  readonly tokens?: 'required' | 'optional';
  /** dropped: the answer to PUT never arrives, as beyond the hop limit. */
  readonly put?: 'answered' | 'dropped' | 'forbidden';
  readonly lifeCycle?: string | null;
  readonly document?: Readonly<Record<string, unknown>>;
}

export const awsToken = 'AQAEAMadeUpTokenThatNobodyMayShow==';

export const awsDocument = {
  accountId: '123456789012',
  architecture: 'x86_64',
  availabilityZone: 'us-east-1a',
  billingProducts: null,
  imageId: 'ami-0123456789abcdef0',
  instanceId: 'i-0123456789abcdef0',
  instanceType: 'p5.48xlarge',
  pendingTime: '2026-11-22T08:00:11Z',
  region: 'us-east-1',
  version: '2017-09-30',
};

export function aws(options: AwsOptions = {}): Handler {
  const { tokens = 'required', put = 'answered', lifeCycle = 'on-demand' } = options;
  return (request, response) => {
    if (request.url === '/latest/api/token') {
      if (put === 'dropped') return;
      if (put === 'forbidden') response.writeHead(403).end();
      else if (request.method !== 'PUT') response.writeHead(405).end();
      else if (request.headers['x-aws-ec2-metadata-token-ttl-seconds'] === undefined) {
        response.writeHead(400).end();
      } else response.end(awsToken);
      return;
    }
    if (!request.url?.startsWith('/latest/')) {
      response.writeHead(404).end();
      return;
    }
    const token = request.headers['x-aws-ec2-metadata-token'];
    if (token === undefined ? tokens === 'required' : token !== awsToken) {
      response.writeHead(401).end();
    } else if (request.url === '/latest/dynamic/instance-identity/document') {
      response.end(JSON.stringify(options.document ?? awsDocument, null, 2));
    } else if (request.url === '/latest/meta-data/instance-life-cycle' && lifeCycle !== null) {
      response.end(lifeCycle);
    } else {
      response.writeHead(404).end();
    }
  };
}

/** Compute Engine: refuses requests without its header, and marks its answers with it. */
export function gcp(values: Readonly<Record<string, string>>): Handler {
  return (request, response) => {
    const prefix = '/computeMetadata/v1/instance/';
    const value = request.url?.startsWith(prefix)
      ? values[request.url.slice(prefix.length)]
      : undefined;
    response.setHeader('Metadata-Flavor', 'Google');
    if (request.headers['metadata-flavor'] !== 'Google') response.writeHead(403).end();
    else if (value === undefined) response.writeHead(404).end();
    else response.end(value);
  };
}

export const gcpValues = {
  'machine-type': 'projects/123456789/machineTypes/n1-standard-4',
  zone: 'projects/123456789/zones/us-central1-a',
  'scheduling/preemptible': 'FALSE',
};

/** Azure: refuses requests without its header or with one that proxies add, and versions that it does not have. */
export function azure(
  compute: Readonly<Record<string, unknown>>,
  versions: readonly string[] = ['2019-06-01', '2021-08-01'],
): Handler {
  return (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const hasHeaders =
      request.headers['metadata'] === 'true' && request.headers['x-forwarded-for'] === undefined;
    if (url.pathname !== '/metadata/instance') response.writeHead(404).end();
    else if (!hasHeaders || !versions.includes(url.searchParams.get('api-version') ?? '')) {
      response
        .writeHead(400)
        .end('{"error":"Bad request. api-version is invalid or was not specified."}');
    } else response.end(JSON.stringify({ compute, network: { interface: [] } }));
  };
}

/** Oracle Cloud, version 2 only: no answer without its authorization. */
export function oci(instance: Readonly<Record<string, unknown>>): Handler {
  return (request, response) => {
    if (request.url !== '/opc/v2/instance/') response.writeHead(404).end();
    else if (request.headers.authorization !== 'Bearer Oracle') response.writeHead(401).end();
    else response.end(JSON.stringify(instance));
  };
}

export const ociInstance = {
  availabilityDomain: 'EMIr:PHX-AD-1',
  canonicalRegionName: 'us-phoenix-1',
  displayName: 'made-up',
  metadata: { ssh_authorized_keys: 'ssh-rsa SECRET', user_data: 'U0VDUkVU' },
  region: 'phx',
  shape: 'BM.GPU.H100.8',
  state: 'Running',
  timeCreated: 1_795_000_000_000,
};
