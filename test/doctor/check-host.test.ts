import { describe, expect, it } from 'vitest';
import type { CheckId } from '../../src/doctor/check.ts';
import { checkHost } from '../../src/doctor/check-host.ts';
import type { DoctorFacts, MachineFindings, SmiAnswers } from '../../src/doctor/facts.ts';
import type { GpuIdentity } from '../../src/sample/columns.ts';

function gpu(index: number, more: Partial<GpuIdentity> = {}): GpuIdentity {
  return {
    id: `GPU-${index}`,
    uuid: `GPU-${index}`,
    index,
    name: 'NVIDIA H100 80GB HBM3',
    pciBusId: null,
    memoryTotalMib: 81_559,
    powerLimitW: 700,
    clockSmMaxMhz: 1980,
    clockMemoryMaxMhz: 2619,
    pcieLinkGenMax: 5,
    pcieLinkWidthMax: 16,
    persistenceMode: true,
    displayActive: false,
    migMode: false,
    ...more,
  };
}

const smi: SmiAnswers = {
  path: '/usr/bin/nvidia-smi',
  answerMs: 500,
  failure: null,
  driver: '590.48.01',
  gpus: [gpu(0), gpu(1)],
  lost: [],
  fieldsOffered: 34,
  fieldsMissing: [],
  silent: { utilization: [], memory: [], power: [] },
  processes: { failure: null, listed: 2, matched: true },
  dmon: { hasPcie: true, hasGpm: true, failure: null },
};

const machine: MachineFindings = {
  provider: 'aws',
  type: 'p5.48xlarge',
  region: 'us-east-1',
  detectedBy: 'metadata',
  candidates: [],
  rate: {
    currency: 'USD',
    perHourNanos: 55_040_000_000n,
    region: 'us-east-1',
    purchase: 'on-demand',
    asOf: '2026-11-01',
    doubts: [],
  },
  rateProblem: null,
};

const healthy: DoctorFacts = {
  smi,
  host: {
    container: false,
    userId: 0,
    coresAllowed: 192,
    cpus: 192,
    missingSignals: null,
    xidsHidden: null,
    deniedDevices: [],
    profilingAdminOnly: false,
  },
  data: { folder: '/data', problem: null, freeBytes: 5 * 1024 ** 3 },
  machine,
};

function check(id: CheckId, facts: Partial<DoctorFacts>) {
  const found = checkHost({ ...healthy, ...facts }).filter((candidate) => candidate.id === id);
  expect(found).toHaveLength(1);
  return found[0];
}

describe('checkHost', () => {
  it('finds nothing on a healthy host, under ids that stay', () => {
    const checks = checkHost(healthy);
    expect(checks.map(({ id, status }) => `${id}: ${status}`)).toEqual([
      'nvidia-smi: ok',
      'driver: ok',
      'gpus: ok',
      'fields: ok',
      'readings: ok',
      'activity: ok',
      'mig: ok',
      'persistence: ok',
      'processes: ok',
      'permissions: ok',
      'host-signals: ok',
      'xids: ok',
      'cpu-limits: ok',
      'data-folder: ok',
      'disk-space: ok',
      'machine: ok',
      'rate: ok',
    ]);
    expect(checks.every(({ next }) => next === null)).toBe(true);
  });

  it('keeps the ids when nvidia-smi is missing, and skips what needs it', () => {
    const problem = { message: 'nvidia-smi was not found', hint: 'Install the driver.' };
    const checks = checkHost({ ...healthy, smi: { path: null, problem } });
    expect(checks.map(({ id }) => id)).toEqual(checkHost(healthy).map(({ id }) => id));
    expect(checks[0]).toMatchObject({ status: 'fail', found: problem.message, next: problem.hint });
    expect(checks.slice(1, 9).every(({ status }) => status === 'skip')).toBe(true);
    expect(checks.slice(9).every(({ status }) => status === 'ok')).toBe(true);
  });

  it("says a failing driver's own words", () => {
    const failure = 'Failed to initialize NVML: Driver/library version mismatch';
    const facts = { smi: { ...smi, failure, gpus: [] } };
    expect(check('driver', facts)).toMatchObject({ status: 'fail' });
    expect(check('driver', facts)?.found).toContain(failure);
    expect(check('gpus', facts)?.status).toBe('skip');
  });

  it('fails for a lost GPU among others', () => {
    const lost = check('gpus', { smi: { ...smi, lost: ['GPU 2: [GPU is lost]'] } });
    expect(lost).toMatchObject({ status: 'fail' });
    expect(lost?.found).toBe('2 × NVIDIA H100 80GB HBM3; not answering: GPU 2: [GPU is lost]');
  });

  it.each([
    [4999, 'ok'],
    [5000, 'warn'],
  ])('a reading of %i ms is %s', (answerMs, status) => {
    expect(check('driver', { smi: { ...smi, answerMs } })?.status).toBe(status);
  });

  it('takes missing fields for a defect only where accounts need them', () => {
    const missing = (name: string) =>
      check('fields', { smi: { ...smi, fieldsOffered: 33, fieldsMissing: [name] } });
    expect(missing('ecc.errors.uncorrected.volatile.total')?.status).toBe('ok');
    expect(missing('power.draw')).toMatchObject({ status: 'warn' });
    expect(missing('power.draw')?.found).toBe('33 of 34; not offered: power.draw');
  });

  it('names the GPUs without a reading, and what that means', () => {
    const silent = { utilization: ['0'], memory: [], power: ['0', '1'] };
    const readings = check('readings', { smi: { ...smi, silent } });
    expect(readings?.status).toBe('warn');
    expect(readings?.found).toMatch(/no utilization from GPU 0 .*; no power from GPU 0, 1/);
  });

  it.each([
    [{ hasPcie: true, hasGpm: false, failure: null }, 'ok'],
    [{ hasPcie: false, hasGpm: false, failure: 'Not supported on the device(s)' }, 'skip'],
  ])('activity counters %j are %s', (dmon, status) => {
    expect(check('activity', { smi: { ...smi, dmon } })?.status).toBe(status);
  });

  it.each([
    [false, 'warn'],
    [null, 'skip'],
  ])('persistence mode %s is %s', (persistenceMode, status) => {
    const gpus = [gpu(0, { persistenceMode }), gpu(1, { persistenceMode })];
    expect(check('persistence', { smi: { ...smi, gpus } })?.status).toBe(status);
  });

  it('warns of MIG', () => {
    const mig = check('mig', { smi: { ...smi, gpus: [gpu(0), gpu(1, { migMode: true })] } });
    expect(mig).toMatchObject({ status: 'warn', found: 'on (GPU 1)' });
  });

  it.each([
    [{ failure: null, listed: 3, matched: false }, 'warn', /another PID namespace/],
    [{ failure: null, listed: 0, matched: null }, 'ok', /none/],
    [{ failure: 'Not Supported' }, 'warn', /Not Supported/],
  ] as const)('processes %j are %s', (processes, status, words) => {
    const visibility = check('processes', { smi: { ...smi, processes } });
    expect(visibility?.status).toBe(status);
    expect(visibility?.found).toMatch(words);
  });

  it('fails where the devices may not be opened, and takes an ordinary user for granted', () => {
    const host = { ...healthy.host, userId: 1000 };
    expect(check('permissions', { host })?.status).toBe('ok');
    const denied = { ...host, deniedDevices: ['/dev/nvidia0'] };
    expect(check('permissions', { host: denied })?.status).toBe('fail');
  });

  it('says which cores are ours', () => {
    const host = { ...healthy.host, coresAllowed: 12.5, container: true };
    expect(check('cpu-limits', { host })?.found).toBe(
      '12.5 of 192 cores by affinity and cgroup quota, in a container',
    );
  });

  it.each([
    [512 * 1024 ** 2, 'ok'],
    [512 * 1024 ** 2 - 1, 'warn'],
    [16 * 1024 ** 2, 'warn'],
    [16 * 1024 ** 2 - 1, 'fail'],
    [null, 'skip'],
  ])('%s free bytes are %s', (freeBytes, status) => {
    expect(check('disk-space', { data: { ...healthy.data, freeBytes } })?.status).toBe(status);
  });

  it('fails for a data folder that takes no files', () => {
    const problem = 'the file system is read-only';
    const folder = check('data-folder', { data: { ...healthy.data, problem } });
    expect(folder).toMatchObject({ status: 'fail', found: `/data: ${problem}` });
  });

  it('warns of missing host signals', () => {
    const missingSignals = 'This host does not offer: pressure.';
    const host = { ...healthy.host, missingSignals };
    expect(check('host-signals', { host })).toMatchObject({
      status: 'warn',
      found: missingSignals,
    });
  });

  it.each([
    ['denied', 'warn', /may not read the kernel log/],
    ['absent', 'skip', /no kernel log/],
  ] as const)('XIDs behind a log that is %s are %s', (xidsHidden, status, words) => {
    const xids = check('xids', { host: { ...healthy.host, xidsHidden } });
    expect(xids?.status).toBe(status);
    expect(xids?.found).toMatch(words);
    expect(xids?.next).toMatch(/dmesg/);
  });
});

describe('machine and rate', () => {
  it('are told with the exact price', () => {
    expect(check('machine', {})?.found).toBe(
      'aws/p5.48xlarge in us-east-1, by the metadata service',
    );
    expect(check('rate', {})?.found).toBe(
      '55.04 USD per hour, on-demand, us-east-1, as of 2026-11-01',
    );
  });

  it('warn of a type that only looks like it, and of a doubtful price', () => {
    const guessed = { ...machine, detectedBy: 'shape' } as const;
    expect(check('machine', { machine: guessed })?.status).toBe('warn');
    const rate = machine.rate === null ? null : { ...machine.rate, doubts: ['rate-stale'] };
    const doubtful = check('rate', { machine: { ...machine, rate } });
    expect(doubtful?.status).toBe('warn');
    expect(doubtful?.found).toMatch(/\(rate-stale\)$/);
  });

  it('say what to pass where nothing is known', () => {
    const unknown: MachineFindings = {
      provider: null,
      type: null,
      region: null,
      detectedBy: 'none',
      candidates: ['aws/a', 'gcp/b'],
      rate: null,
      rateProblem: null,
    };
    expect(check('machine', { machine: unknown })).toMatchObject({
      status: 'warn',
      found: 'unknown; it could be aws/a, gcp/b',
    });
    expect(check('rate', { machine: unknown })?.status).toBe('skip');
  });

  it('tell why a known machine has no rate', () => {
    const rateProblem = { message: 'no price in mars-1', hint: null };
    const facts = { machine: { ...machine, rate: null, rateProblem } };
    expect(check('rate', facts)).toMatchObject({ status: 'warn', found: 'no price in mars-1' });
  });
});
