import { expect, it } from 'vitest';
import { systemClock } from '../../src/sample/clock.ts';
import { smiFacts } from '../../src/sample/host-facts.ts';
import { nvidiaSmi } from '../../src/sample/nvidia-smi.ts';
import { alive, type FakeRun, fake, fakePath } from './fake.ts';

async function facts(run: FakeRun): ReturnType<typeof smiFacts> {
  const smi = nvidiaSmi({ path: fakePath, env: { ...run.env, FAKE_FASTER: '20' } });
  try {
    return await smiFacts(smi, systemClock(), (pid) => (pid === 5100 ? ['serve,'] : ['python']));
  } finally {
    await smi.close();
  }
}

it('tells what a Hopper host offers', async () => {
  const run = fake('h100x8');
  expect(await facts(run)).toMatchObject({
    version: '590.48.01',
    driver: '590.48.01',
    queryFailure: null,
    computeApps: { failure: null, count: 7, visible: true },
    pcieThroughput: { failure: null },
    gpm: { failure: null },
    fields: { missing: [] },
  });
  expect(alive(run)).toEqual([]);
});

it('tells what an older host lacks', async () => {
  const { fields, gpm, pcieThroughput, gpus } = await facts(fake('t4'));
  expect(gpus.map((gpu) => gpu.name)).toEqual(['Tesla T4']);
  expect(fields.missing).toContain('clocks_event_reasons_counters.sw_power_cap');
  expect(pcieThroughput.failure).toBeNull();
  expect(gpm.failure).toContain('--gpm-metrics');
});

it("tells a driver's failure in its own words", async () => {
  const words = 'Failed to initialize NVML: Driver/library version mismatch';
  const run = fake('t4', { FAKE_FAIL_CODE: '18', FAKE_FAIL_MESSAGE: words });
  const found = await facts(run);
  expect(found.queryFailure).toBe(words);
  expect(found.gpus).toEqual([]);
  expect(found.gpm.failure).toBe(words);
});
