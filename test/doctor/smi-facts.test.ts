import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { askForFacts, problemOf } from '../../src/doctor/smi-facts.ts';
import { HostError } from '../../src/errors.ts';
import { systemClock } from '../../src/sample/clock.ts';
import { nvidiaSmi } from '../../src/sample/nvidia-smi.ts';

const path = fileURLToPath(new URL('../fake/nvidia-smi', import.meta.url));

async function factsOf(recording: string, faults: Readonly<Record<string, string>> = {}) {
  const file = fileURLToPath(new URL(`../recordings/${recording}.txt`, import.meta.url));
  expect(readFileSync(file, 'utf8')).not.toBe('');
  const env = { ...process.env, FAKE_RECORDING: file, FAKE_FASTER: '50', ...faults };
  const smi = nvidiaSmi({ path, env });
  try {
    return await askForFacts(smi, path, systemClock());
  } finally {
    await smi.close();
  }
}

const h100x8 = 'linux-x86_64__nvidia-h100x8__590.48.01';
const t4 = 'linux-x86_64__tesla-t4__550.54.15';

describe('askForFacts', () => {
  it('reads what eight GPUs offer', async () => {
    const facts = await factsOf(h100x8);
    expect(facts).toMatchObject({
      failure: null,
      driver: '590.48.01',
      lost: [],
      fieldsMissing: [],
      silent: { utilization: [], memory: [], power: [] },
      dmon: { hasPcie: true, hasGpm: true, failure: null },
    });
    expect(facts.gpus).toHaveLength(8);
    expect(facts.answerMs).toBeGreaterThan(0);
  });

  it('names the fields of an older driver that are missing', async () => {
    const facts = await factsOf(t4);
    expect(facts.gpus).toHaveLength(1);
    expect(facts.fieldsMissing).toContain('clocks_event_reasons_counters.sw_power_cap');
    expect(facts.dmon.hasGpm).toBe(false);
  });

  it('names the GPU without utilization under MIG', async () => {
    const facts = await factsOf('linux-x86_64__nvidia-h100-mig__590.48.01');
    expect(facts.silent.utilization).toEqual(['0']);
    expect(facts.silent.power).toEqual([]);
  });

  it('sees a lost GPU beside the others', async () => {
    const lose = { FAKE_LOSE_GPU: '3', FAKE_LOSE_AFTER: '0', FAKE_LOSE_AS: 'message' };
    const facts = await factsOf(h100x8, lose);
    expect(facts.gpus).toHaveLength(7);
    expect(facts.lost).toEqual([expect.stringMatching(/^Unable to determine the device handle/)]);
  });

  it("repeats a failing driver's words", async () => {
    const words = 'Failed to initialize NVML: Driver/library version mismatch';
    const facts = await factsOf(t4, { FAKE_FAIL_CODE: '18', FAKE_FAIL_MESSAGE: words });
    expect(facts).toMatchObject({ failure: words, gpus: [], driver: null });
  });

  it('does without dmon', async () => {
    const facts = await factsOf(t4, { FAKE_DMON: 'fail' });
    expect(facts.gpus).toHaveLength(1);
    expect(facts.dmon).toMatchObject({ hasPcie: false, hasGpm: false });
    expect(facts.dmon.failure).toMatch(/Not supported/);
  });
});

it('turns only errors of the host into problems', () => {
  const hinted = new HostError('not found', { hint: 'install it' });
  expect(problemOf(hinted)).toEqual({ message: 'not found', hint: 'install it' });
  expect(() => problemOf(new TypeError('a bug'))).toThrow('a bug');
});
