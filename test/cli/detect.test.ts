import { describe, expect, it } from 'vitest';
import { type DetectFlags, type DetectHost, ratesDetect } from '../../src/cli/detect.ts';
import { UsageError } from '../../src/errors.ts';
import { aws, refusing, serve } from '../machine/metadata-servers.ts';
import { dmiOf, folderOf } from '../machine/places.ts';

const flags: DetectFlags = { network: true };

async function hostOf(more: Partial<DetectHost['places']>, gpus = 8): Promise<DetectHost> {
  return {
    places: {
      env: {},
      fsRoot: folderOf({}),
      dmiFolder: dmiOf({}),
      hypervisorFolder: '/nonexistent',
      hostname: 'worker-1',
      endpoints: await refusing(),
      ...more,
    },
    see: async () => ({
      shape: {
        gpus: gpus === 0 ? [] : [{ key: 'H100-SXM5-80GB', share: 1, count: gpus }],
        vcpus: 192,
        memoryGib: 1999.6,
      },
      gpuFailure: gpus === 0 ? 'No devices were found' : null,
    }),
  };
}

async function said(options: DetectFlags, host: DetectHost): Promise<string> {
  let text = '';
  const code = await ratesDetect(
    options,
    async (part) => {
      text += part;
    },
    host,
  );
  expect(code).toBe(0);
  return text;
}

describe('rates detect', () => {
  it('says which machine it is, how it knows, and what it costs', async () => {
    const { endpoints } = await serve(aws());
    const dmiFolder = dmiOf({ sys_vendor: 'Amazon EC2', product_name: 'p5.48xlarge' });
    const text = await said(flags, await hostOf({ endpoints, dmiFolder }));
    // The card's date and source are the card's matter.
    expect(text.replace(/\(as of .*\)/, '(as of …)')).toMatchInlineSnapshot(`
      "Machine   aws/p5.48xlarge, us-east-1, on-demand (by dmi)
      Launched  2026-11-22T08:00:11.000Z
      Rate      USD 55.04 an hour, on-demand, us-east-1 (as of …)
      Seen      8 × H100-SXM5-80GB, 192 vCPUs, 2000 GiB

      Where it was looked
        dmi          taken    DMI: Amazon EC2, p5.48xlarge
        metadata     added    EC2 instance metadata (IMDSv2): p5.48xlarge
      "
    `);
  });

  it('says the same to programs', async () => {
    const { endpoints } = await serve(aws({ lifeCycle: 'spot' }));
    const json: unknown = JSON.parse(
      await said({ ...flags, json: true }, await hostOf({ endpoints })),
    );
    expect(json).toMatchObject({
      schema: 'gpucost.detection/1',
      provider: 'aws',
      type: 'p5.48xlarge',
      region: 'us-east-1',
      purchase: 'spot',
      detectedBy: 'metadata',
      launchedAt: '2026-11-22T08:00:11.000Z',
      seen: { vcpus: 192 },
      candidates: [],
    });
  });

  it('lists what it could be where nothing names it', async () => {
    const text = await said({ network: false }, await hostOf({}, 2));
    expect(text).toContain('Machine   not known');
    expect(text).toContain('aws/p5.48xlarge  (8 GPUs');
    expect(text).toContain('--machine PROVIDER/TYPE');
  });

  it('does without a GPU, in nvidia-smi’s words', async () => {
    const text = await said({ network: false }, await hostOf({}, 0));
    expect(text).toContain('no GPU (No devices were found)');
  });

  it('a type that was found but has no card is an answer; one that was named is an error', async () => {
    const env = { GPUCOST_MACHINE: 'aws/p99.metal' };
    expect(await said({ network: false }, await hostOf({ env }))).toContain(
      'none: unknown machine type "aws/p99.metal"',
    );
    const named = { network: false, machine: 'aws/p99.metal' };
    await expect(said(named, await hostOf({}))).rejects.toThrow(UsageError);
  });
});
