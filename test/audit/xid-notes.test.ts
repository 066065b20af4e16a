import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { audit } from '../../src/audit/audit.ts';
import { renderers } from '../../src/render/index.ts';
import type { Report } from '../../src/report/report.ts';
import type { EventLine, XidFact } from '../../src/store/lines.ts';
import { openSession } from '../../src/store/open.ts';
import { createSessionWriter } from '../../src/store/writer.ts';
import { auditOptions } from '../kit/audit-options.ts';
import { aHeader, sessionStart } from '../kit/session-lines.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'gpucost-xid-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const xid = (second: number, fact: Partial<XidFact>): EventLine => ({
  kind: 'event',
  t: sessionStart + second * 1000,
  code: 'xid',
  message: 'as the session says it',
  xid: { code: 79, gpu: 0, pid: 4711, name: 'python', recovery: null, count: 1, ...fact },
});

/** The report on a minute of two busy GPUs, stored and read again. */
async function reportOn(events: readonly EventLine[], sinceS: number | null = null) {
  const header = aHeader(2, { columns: ['utilizationGpuPct'] });
  const writer = await createSessionWriter({ home, header });
  for (let second = 1; second <= 60; second++) {
    const t = sessionStart + second * 1000;
    for (const event of events) if (event.t === t) writer.write(event);
    const rows = [
      [0, 95],
      [1, 95],
    ];
    writer.write({ kind: 'tick', t, rows });
  }
  await writer.close({ kind: 'end', t: sessionStart + 60_000, reason: 'duration' });
  const { report } = await audit(
    [await openSession(writer.path)],
    await auditOptions({ sinceMs: sinceS === null ? null : sessionStart + sinceS * 1000 }),
  );
  return report;
}

const xidsOf = ({ warnings }: Report): readonly string[] =>
  warnings.filter(({ code }) => code === 'xid').map(({ message }) => message);

describe('the report', () => {
  it('says where, when, what it ended and what to do; once a code, the worst first', async () => {
    const report = await reportOn([
      xid(10, { code: 31, gpu: 1, count: 3 }),
      xid(20, { code: 31, gpu: 1, name: 'worker', pid: 12 }),
      xid(30, { code: 31, gpu: 0, name: null, pid: null }),
      xid(40, { code: 79 }),
      xid(40, { code: 63, gpu: null, pid: null, name: null }),
      xid(40, { code: 999, name: null }),
    ]);
    const [lost, unknown, faults, remapped, ...rest] = xidsOf(report);
    expect(rest).toEqual([]);
    expect(lost).toMatch(
      /^XID 79 \(the GPU has fallen off the bus.*\): GPU 0 at 2026-01-05T00:00:40Z, in python\. An error of the hardware; it ends all work on that GPU until the machine is restarted\./,
    );
    expect(lost).toMatch(/since the last checkpoint is not known here/);
    expect(lost).toMatch(/hand the machine back$/);
    expect(unknown).toMatch(/^XID 999: GPU 0 at .*XID catalogue/);
    expect(faults).toMatch(
      /GPU 1, 4 times from 2026-01-05T00:00:10Z to 2026-01-05T00:00:20Z, in python, worker; GPU 0 at 2026-01-05T00:00:30Z\. Usually the program's own fault/,
    );
    expect(remapped).toMatch(/^XID 63 .*a GPU that is not watched at .*it ends no work by itself/);
    expect(remapped).not.toMatch(/checkpoint/);
  });

  it('says the last that the driver asked for', async () => {
    const report = await reportOn([
      xid(10, { code: 154, recovery: 'Node Reboot Required' }),
      xid(20, { code: 154, recovery: 'None' }),
    ]);
    expect(xidsOf(report)).toEqual([expect.stringMatching(/, 2 times .*which asks for: None\./)]);
  });

  it('leaves out what lies outside of the window asked for', async () => {
    expect(xidsOf(await reportOn([xid(10, {})], 30))).toEqual([]);
    expect(xidsOf(await reportOn([xid(40, {})], 30))).toHaveLength(1);
  });

  it('invents no hours: the accounts are the same with and without', async () => {
    const { gpuHours } = await reportOn([]);
    expect((await reportOn([xid(10, {})])).gpuHours).toEqual(gpuHours);
  });

  it.each(['table', 'json', 'markdown', 'html'] as const)('names it as %s', async (format) => {
    const text = renderers[format](await reportOn([xid(10, {})]), {
      width: 100,
      colorLevel: 0,
      unicode: true,
      verbose: false,
    });
    expect(text).toContain('XID 79');
  });
});
