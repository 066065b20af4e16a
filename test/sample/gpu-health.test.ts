import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type HealthField,
  healthFieldsOf,
  healthSign,
  healthText,
} from '../../src/sample/gpu-health.ts';
import { nvidiaSmi } from '../../src/sample/nvidia-smi.ts';
import { openSampler } from '../../src/sample/sampler.ts';
import type { EventLine, SessionLine } from '../../src/store/lines.ts';
import {
  collect,
  eventsOf,
  type FakeRun,
  fake,
  fakePath,
  openFake,
  recordingPath,
  ticksOf,
} from './fake.ts';

const all: readonly HealthField[] = [
  'remapped_rows.pending',
  'remapped_rows.failure',
  'retired_pages.pending',
  'gpu_recovery_action',
];

describe('what a driver offers', () => {
  it('is asked for, and nothing else', () => {
    expect(healthFieldsOf(new Set([...all, 'uuid']))).toEqual(all);
    expect(healthFieldsOf(new Set(['retired_pages.pending']))).toEqual(['retired_pages.pending']);
    expect(healthFieldsOf(new Set())).toEqual([]);
  });
});

describe('a cell', () => {
  it.each(['No', '[N/A]', 'N/A', '[Not Supported]', '[GPU requires reset]', ''])(
    '%j is no sign of a fault',
    (cell) => {
      for (const field of all.slice(0, 3)) expect(healthSign(field, cell)).toBeNull();
    },
  );

  it.each(['None', '[N/A]', '[Unknown Error]'])('%j asks for no recovery', (cell) =>
    expect(healthSign('gpu_recovery_action', cell)).toBeNull(),
  );

  it('that says so is a sign, in the words of the driver', () => {
    expect(healthSign('remapped_rows.pending', ' Yes')).toEqual({
      field: 'remapped_rows.pending',
      said: 'Yes',
    });
    const asked = healthSign('gpu_recovery_action', 'Drain and Reset');
    expect(asked).toEqual({ field: 'gpu_recovery_action', said: 'Drain and Reset' });
    expect(asked && healthText(asked, '3')).toMatch(
      /^GPU 3: the driver asks for "Drain and Reset"/,
    );
  });

  it('that is not understood is neither', () => {
    expect(healthSign('remapped_rows.failure', 'Perhaps')).toBeUndefined();
  });

  it('has a text that names the field and what to do', () => {
    for (const field of all) {
      const text = healthText({ field, said: 'Yes' }, '0, 3');
      expect(text).toMatch(/^GPU 0, 3: /);
      expect(text).toContain(`(${field})`);
      expect(text).toMatch(/reset|hand the machine back/);
    }
  });
});

/** The eight H100 of the recording with further columns: the cells of each GPU, in turn. */
function withColumns(columns: Readonly<Record<string, readonly string[]>>): string {
  let gpu = 0;
  const names = Object.keys(columns);
  const text = readFileSync(recordingPath('h100x8'), 'utf8')
    .split('\n')
    .map((line) => {
      if (line.startsWith('timestamp, driver_version')) return [line, ...names].join(', ');
      if (!/^\d{4}\/.*, 590\.48\.01, 8, /.test(line)) return line;
      const cells = names.map((name) => columns[name]?.[gpu % 8] ?? '[N/A]');
      gpu += 1;
      return [line, ...cells].join(', ');
    });
  const path = join(mkdtempSync(join(tmpdir(), 'gpucost-health-')), 'recording.txt');
  writeFileSync(path, text.join('\n'));
  return path;
}

const no = Array.from({ length: 8 }, () => 'No');
const on3And7 = (word: string, others: string) =>
  Array.from({ length: 8 }, (_, gpu) => (gpu === 3 || gpu === 7 ? word : others));
const healthOf = (lines: readonly SessionLine[]): readonly string[] =>
  eventsOf(lines)
    .filter(({ code }) => code === 'gpu-health')
    .map(({ message }) => message);
const asks = (run: FakeRun): readonly string[] =>
  run.starts().flatMap(({ args }) => {
    const [query = ''] = args;
    return query.startsWith('--query-gpu=') && !args.includes('-lms') ? [query] : [];
  });

/** Until so many events are there, or far longer than they take. */
async function watch(
  run: FakeRun,
  count: number,
  isOne: (event: EventLine) => boolean = ({ code }) => code === 'gpu-health',
): Promise<readonly SessionLine[]> {
  const sampler = await openFake(run);
  return collect(
    sampler,
    (seen) => eventsOf(seen).filter(isOne).length >= count || ticksOf(seen).length > 400,
  );
}

describe('a sampler', () => {
  it('asks once beside the loop, and says which GPU needs what', async () => {
    const run = fake('h100x8', {
      FAKE_RECORDING: withColumns({
        'remapped_rows.pending': on3And7('Yes', 'No'),
        'remapped_rows.failure': no,
        gpu_recovery_action: on3And7('Reset', 'None'),
      }),
    });
    const lines = await watch(run, 2);
    expect(healthOf(lines)).toEqual([
      expect.stringMatching(/^GPU 3, 7: a failing row of memory waits/),
      expect.stringMatching(/^GPU 3, 7: the driver asks for "Reset"/),
    ]);
    expect(asks(run)).toEqual([
      '--query-gpu=remapped_rows.pending,remapped_rows.failure,gpu_recovery_action,uuid',
    ]);
    const loop = run.starts().find(({ args }) => args.includes('-lms'));
    expect(loop?.args.join(' ')).not.toMatch(/remapped|recovery/);
  });

  it('does not ask a driver that offers none of it', async () => {
    const run = fake('h100x8');
    const sampler = await openFake(run);
    const lines = await collect(sampler, (seen) => ticksOf(seen).length >= 40);
    expect(healthOf(lines)).toEqual([]);
    expect(asks(run)).toEqual([]);
  });

  it('loses only the field that the driver rejects', async () => {
    const run = fake('h100x8', {
      FAKE_RECORDING: withColumns({
        'remapped_rows.pending': on3And7('Yes', 'No'),
        gpu_recovery_action: on3And7('None', 'None'),
      }),
      FAKE_REJECT: 'gpu_recovery_action',
    });
    expect(healthOf(await watch(run, 1))).toHaveLength(1);
    expect(asks(run)).toEqual([
      '--query-gpu=remapped_rows.pending,gpu_recovery_action,uuid',
      '--query-gpu=remapped_rows.pending,uuid',
    ]);
  });

  it('says once that it does not understand a cell', async () => {
    const run = fake('h100x8', {
      FAKE_RECORDING: withColumns({ 'retired_pages.pending': on3And7('Perhaps', 'No') }),
    });
    const isOdd = ({ message }: EventLine): boolean => message.includes('Perhaps');
    const lines = await watch(run, 1, isOdd);
    expect(eventsOf(lines).filter(isOdd)).toHaveLength(1);
    expect(healthOf(lines)).toEqual([]);
  });

  it('asks again after an XID, and at its end where there was no time for it', async () => {
    const run = fake('h100x8', {
      FAKE_RECORDING: withColumns({ 'remapped_rows.pending': no }),
    });
    const xid = { code: 48, pciAddress: '0000:10:00', pid: null, name: null, recovery: null };
    let isDue = true;
    const xids = {
      read: (t: number) => {
        const found = isDue && asks(run).length === 1 ? [{ ...xid, t }] : [];
        isDue &&= found.length === 0;
        return { xids: found, isOverrun: false };
      },
      close: () => undefined,
    };
    const host = { readHost: async () => [], xids };
    // In real time: the last question has 3 s, and the fake needs some of it to start.
    const smi = nvidiaSmi({ path: fakePath, env: run.env });
    const sampler = await openSampler({ smi, intervalMs: 100, host, hostIntervalMs: 100 });
    await collect(sampler, (seen) => eventsOf(seen).some(({ code }) => code === 'xid'));
    expect(asks(run)).toHaveLength(2);
  });
});
