import { describe, expect, it } from 'vitest';
import {
  askMetadata,
  endpointsOf,
  type MetadataProvider,
  metadataProviders,
} from '../../src/machine/metadata.ts';
import {
  aws,
  awsDocument,
  awsToken,
  azure,
  garbage,
  gcp,
  gcpValues,
  type Handler,
  mute,
  notFound,
  oci,
  ociInstance,
  refusing,
  serve,
} from './metadata-servers.ts';

/** All four services asked of one address, as on a real machine: it answers for one cloud. */
async function answerOf(
  handler: Handler,
  providers: readonly MetadataProvider[] = metadataProviders,
) {
  const { endpoints, asked } = await serve(handler);
  const before = performance.now();
  const { clue, silences } = await askMetadata(providers, endpoints);
  return { clue, silences, asked, ms: performance.now() - before };
}

describe('AWS', () => {
  it('is asked with a token where only version 2 answers', async () => {
    const { clue, asked } = await answerOf(aws());
    expect(clue).toEqual({
      source: 'metadata',
      says: 'EC2 instance metadata (IMDSv2): p5.48xlarge',
      provider: 'aws',
      type: 'p5.48xlarge',
      region: 'us-east-1',
      purchase: 'on-demand',
      launchedAt: Date.parse('2026-11-22T08:00:11Z'),
    });
    expect(asked).toContain('PUT /latest/api/token');
    expect(JSON.stringify(clue)).not.toContain(awsToken);
  });

  it.each(['spot', 'capacity-block', 'scheduled'])('knows %s', async (lifeCycle) => {
    expect((await answerOf(aws({ lifeCycle }), ['aws'])).clue?.purchase).toBe(lifeCycle);
  });

  it('leaves the purchase open where the life cycle is missing or new', async () => {
    expect((await answerOf(aws({ lifeCycle: null }), ['aws'])).clue?.purchase).toBeNull();
    expect((await answerOf(aws({ lifeCycle: 'borrowed' }), ['aws'])).clue?.purchase).toBeNull();
  });

  it('beyond the hop limit falls back to version 1 where that is allowed', async () => {
    const { clue, ms } = await answerOf(aws({ put: 'dropped', tokens: 'optional' }), ['aws']);
    expect(clue?.says).toBe('EC2 instance metadata (IMDSv1): p5.48xlarge');
    expect(ms).toBeLessThan(2000);
  });

  it('beyond the hop limit with version 2 only says what to change', async () => {
    const { clue, silences, ms } = await answerOf(aws({ put: 'dropped' }), ['aws']);
    expect(clue).toBeNull();
    expect(silences).toEqual([expect.stringContaining('--http-put-response-hop-limit 2')]);
    expect(ms).toBeLessThan(2000);
  });

  it('takes a forbidden token service for a silence, and a document without a type too', async () => {
    expect((await answerOf(aws({ put: 'forbidden' }), ['aws'])).silences).toEqual([
      'aws: the token service answers 403',
    ]);
    expect((await answerOf(aws({ document: { region: 'us-east-1' } }), ['aws'])).silences).toEqual([
      'aws: the answer is not an identity document',
    ]);
  });

  it('leaves a launch open that is no time', async () => {
    const document = { ...awsDocument, pendingTime: 'soon' };
    expect((await answerOf(aws({ document }), ['aws'])).clue?.launchedAt).toBeNull();
  });
});

describe('GCP', () => {
  it('tells type, region and purchase, but no launch', async () => {
    const { clue } = await answerOf(gcp(gcpValues));
    expect(clue).toEqual({
      source: 'metadata',
      says: 'Compute Engine metadata: n1-standard-4',
      provider: 'gcp',
      type: 'n1-standard-4',
      region: 'us-central1',
      purchase: 'on-demand',
      launchedAt: null,
    });
  });

  it('knows spot, and zones of other forms', async () => {
    const values = {
      ...gcpValues,
      zone: 'projects/1/zones/us-south1-ai1b',
      'scheduling/preemptible': 'TRUE',
    };
    expect((await answerOf(gcp(values))).clue).toMatchObject({
      region: 'us-south1',
      purchase: 'spot',
    });
  });

  it('leaves open what workload identity hides', async () => {
    const { 'machine-type': machineType } = gcpValues;
    expect((await answerOf(gcp({ 'machine-type': machineType }))).clue).toMatchObject({
      type: 'n1-standard-4',
      region: null,
      purchase: null,
    });
    expect((await answerOf(gcp({}), ['gcp'])).silences).toEqual(['gcp: answers 404']);
  });

  it('believes nobody who does not carry its mark', async () => {
    const impostor: Handler = (_request, response) => {
      response.end(gcpValues['machine-type']);
    };
    expect((await answerOf(impostor, ['gcp'])).silences).toEqual([
      'gcp: the answer is not from Google',
    ]);
  });
});

describe('Azure', () => {
  const compute = { vmSize: 'Standard_ND96isr_H100_v5 ', location: 'eastus', priority: 'Spot' };

  it('tells size, location and priority', async () => {
    expect((await answerOf(azure(compute))).clue).toEqual({
      source: 'metadata',
      says: 'Azure instance metadata: Standard_ND96isr_H100_v5',
      provider: 'azure',
      type: 'Standard_ND96isr_H100_v5',
      region: 'eastus',
      purchase: 'spot',
      launchedAt: null,
    });
  });

  it.each([
    ['Regular', 'on-demand'],
    ['', 'on-demand'],
    ['Low', 'spot'],
    [undefined, null],
    ['New', null],
  ])('priority %j is %j', async (priority, purchase) => {
    expect((await answerOf(azure({ ...compute, priority }), ['azure'])).clue?.purchase).toBe(
      purchase,
    );
  });

  it('asks again with an older version', async () => {
    const { clue, asked } = await answerOf(azure(compute, ['2019-06-01']), ['azure']);
    expect(clue?.type).toBe('Standard_ND96isr_H100_v5');
    expect(asked).toHaveLength(2);
  });

  it('leaves a classic machine open', async () => {
    expect((await answerOf(azure({}), ['azure'])).silences).toEqual([
      'azure: the answer has no compute.vmSize',
    ]);
  });
});

describe('Oracle Cloud', () => {
  it('tells shape, region and creation, and nothing of the secrets beside them', async () => {
    const { clue } = await answerOf(oci(ociInstance));
    expect(clue).toEqual({
      source: 'metadata',
      says: 'Oracle Cloud instance metadata: BM.GPU.H100.8',
      provider: 'oci',
      type: 'BM.GPU.H100.8',
      region: 'us-phoenix-1',
      purchase: null,
      launchedAt: 1_795_000_000_000,
    });
  });

  it('takes the short region where there is no other, and no creation that is not one', async () => {
    const { canonicalRegionName: _, ...older } = ociInstance;
    for (const timeCreated of ['yesterday', 0, -1, 1e16, 1.5]) {
      const { clue } = await answerOf(oci({ ...older, timeCreated }), ['oci']);
      expect(clue).toMatchObject({ region: 'phx', launchedAt: null });
    }
  });
});

describe('nobody there', () => {
  it('gives up at once where connections are refused', async () => {
    const before = performance.now();
    const { clue, silences } = await askMetadata(metadataProviders, await refusing());
    expect(clue).toBeNull();
    expect(silences).toHaveLength(4);
    expect(performance.now() - before).toBeLessThan(1000);
  });

  it.each([
    ['accepts and never answers', mute],
    ['answers 404 to everything', notFound],
    ['answers with a web page', garbage],
  ])('takes less than 2 s where something %s', async (_name, handler) => {
    const { clue, silences, ms } = await answerOf(handler);
    expect(clue).toBeNull();
    expect(silences).toHaveLength(4);
    expect(ms).toBeLessThan(2000);
  });

  it('survives endless, binary, torn and hostile answers', async () => {
    const endless: Handler = (_request, response) => {
      response.writeHead(200);
      const pump = (): void => {
        if (!response.destroyed) response.write('x'.repeat(65_536), () => setImmediate(pump));
      };
      pump();
    };
    const torn: Handler = (_request, response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('{"instanceType"');
      response.destroy();
    };
    const binary: Handler = (_request, response) => {
      response.end(Buffer.from([0, 1, 2, 0xff, 0xfe]));
    };
    const hostile = oci({ shape: 'BM.GPU\n\u001b[31m', canonicalRegionName: 'x'.repeat(10_000) });
    for (const handler of [endless, torn, binary, hostile]) {
      const { clue, ms } = await answerOf(handler);
      expect(clue).toBeNull();
      expect(ms).toBeLessThan(2000);
    }
  });

  it('does not follow redirects', async () => {
    const { asked, clue } = await answerOf((_request, response) => {
      response.writeHead(302, { Location: '/latest/elsewhere' }).end();
    });
    expect(clue).toBeNull();
    expect(asked.some((path) => path.includes('elsewhere'))).toBe(false);
  });

  it('does not use a proxy from the environment', async () => {
    const proxy = await serve(notFound);
    const { endpoints } = await serve(gcp(gcpValues));
    const names = ['http_proxy', 'HTTP_PROXY', 'ALL_PROXY', 'NODE_USE_ENV_PROXY'];
    const before = names.map((name) => process.env[name]);
    for (const name of names) process.env[name] = name === 'NODE_USE_ENV_PROXY' ? '1' : proxy.base;
    try {
      expect((await askMetadata(['gcp'], endpoints)).clue?.provider).toBe('gcp');
    } finally {
      for (const [index, name] of names.entries()) {
        const value = before[index];
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
    expect(proxy.asked).toEqual([]);
  });
});

describe('endpointsOf', () => {
  const linkLocal = 'http://169.254.169.254';

  it('is the link-local address', () => {
    expect(endpointsOf({})).toEqual({
      aws: linkLocal,
      gcp: linkLocal,
      azure: linkLocal,
      oci: linkLocal,
    });
  });

  it('follows the settings of the clouds’ own tools, and ours for all', () => {
    expect(
      endpointsOf({
        AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://[fd00:ec2::254]/',
        GCE_METADATA_HOST: '127.0.0.1:8080',
        GPUCOST_METADATA_URL: 'http://127.0.0.1:9/',
      }),
    ).toEqual({
      aws: 'http://[fd00:ec2::254]',
      gcp: 'http://127.0.0.1:8080',
      azure: 'http://127.0.0.1:9',
      oci: 'http://127.0.0.1:9',
    });
    expect(endpointsOf({ GPUCOST_METADATA_URL: 'ftp://x' }).oci).toBe(linkLocal);
  });

  it('does not ask AWS where its tools are told not to', async () => {
    const { asked, endpoints } = await serve(aws());
    const { aws: disabled } = endpointsOf({ AWS_EC2_METADATA_DISABLED: 'true' });
    const { clue, silences } = await askMetadata(['aws'], { ...endpoints, aws: disabled });
    expect(clue).toBeNull();
    expect(asked).toEqual([]);
    expect(silences[0]).toContain('forbid');
  });
});
