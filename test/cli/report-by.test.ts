import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/report/report.ts';
import { reportSchema } from '../../src/report/schema.ts';
import type { HeaderLine, SessionLine } from '../../src/store/lines.ts';
import { anOwner } from '../kit/owners.ts';
import { runCli } from '../kit/run-cli.ts';
import { aGpuIdentity, aHeader } from '../kit/session-lines.ts';
import { syntheticLines } from '../kit/synthetic-session.ts';

const folder = mkdtempSync(join(tmpdir(), 'gpucost-by-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A synthetic session of six minutes on one GPU; its lines pass through `change`. */
function writeSession(
  id: string,
  facts: Partial<HeaderLine>,
  change: (line: SessionLine) => readonly SessionLine[] = (line) => [line],
): string {
  const path = join(folder, id);
  mkdirSync(path);
  const lines = [...syntheticLines({ gpus: 1, hours: 0.1, facts: { id, ...facts } })];
  const text = lines.flatMap(change).map((line) => `${JSON.stringify(line)}\n`);
  writeFileSync(join(path, '000001.jsonl'), text.join(''));
  return path;
}

async function reportOf(args: readonly string[]): Promise<Report> {
  const { code, stdout, stderr } = await runCli(['report', '--json', ...args]);
  expect(code, stderr).toBe(0);
  return reportSchema.parse(JSON.parse(stdout));
}

const rowsOf = (report: Report) => report.groups?.rows ?? [];
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Two processes of different users from the first list on, 30 and 10 GiB. */
function twoUsers(line: SessionLine): readonly SessionLine[] {
  if (line.kind !== 'processes') return [line];
  const process = (pid: number, user: string, memoryMib: number | null) => ({
    gpu: 0,
    pid,
    name: 'python3',
    memoryMib,
    owner: anOwner({ user, uid: pid, startTicks: pid }),
  });
  return [{ ...line, processes: [process(11, 'ada', 30_720), process(12, 'grace', 10_240)] }];
}

describe('a foreign PID namespace', () => {
  it('leaves the GPU whole, with a warning that says what to do', async () => {
    const path = writeSession('20260105-000000-hid', {}, (line) =>
      line.kind === 'processes' ? [{ ...line, visible: false }] : [line],
    );
    const report = await reportOf(['--by', 'user', path]);
    const [row, ...others] = rowsOf(report);
    expect(others).toEqual([]);
    expect(row).toMatchObject({ name: 'node1 GPU 0, processes not known', kind: 'unowned' });
    expect(row?.splitBy).toBeNull();
    expect(row?.gpuHours).toEqual(report.gpuHours);
    expect(report.warnings.find(({ code }) => code === 'owners-unknown')?.message).toMatch(
      /by user.*foreign PID namespace.*--pid=host/,
    );
  });

  it('is not said of a GPU whose processes are seen', async () => {
    const report = await reportOf([
      '--by',
      'user',
      writeSession('20260105-000000-see', {}, twoUsers),
    ]);
    expect(report.warnings.map(({ code }) => code)).not.toContain('owners-unknown');
    expect(rowsOf(report).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['ada', 'grace']),
    );
  });
});

describe('a shared GPU', () => {
  const sharesOf = async (path: string) => {
    const rows = rowsOf(await reportOf(['--by', 'user', path]));
    const [ada, grace] = ['ada', 'grace'].map((name) => rows.find((row) => row.name === name));
    const effective = [ada, grace].map((row) => row?.gpuHours.byState.effective ?? Number.NaN);
    return { ada: (effective[0] ?? Number.NaN) / sum(effective), splitBy: ada?.splitBy };
  };

  it('is split by SM utilization where pmon reads it', async () => {
    const path = writeSession('20260105-000000-smu', {}, (line) =>
      line.kind === 'host'
        ? [
            line,
            {
              kind: 'shares',
              t: line.t + 1,
              rows: [
                [0, 11, 20],
                [0, 12, 60],
              ],
            },
          ]
        : twoUsers(line),
    );
    const { ada, splitBy } = await sharesOf(path);
    expect(ada).toBeCloseTo(0.25, 2);
    expect(splitBy?.smUtilization).toBeGreaterThan(0);
  });

  it('is split by the memory held where it does not', async () => {
    const { ada, splitBy } = await sharesOf(writeSession('20260105-000000-mem', {}, twoUsers));
    expect(ada).toBeCloseTo(0.75, 5);
    expect(splitBy).toMatchObject({ smUtilization: 0, equal: 0 });
    expect(splitBy?.memory).toBeGreaterThan(0);
  });

  it('is split equally where one process has no memory reading', async () => {
    const path = writeSession('20260105-000000-equ', {}, (line) =>
      twoUsers(line).map((changed) =>
        changed.kind === 'processes'
          ? {
              ...changed,
              processes: changed.processes.map((p) =>
                p.pid === 11 ? { ...p, memoryMib: null } : p,
              ),
            }
          : changed,
      ),
    );
    const { ada, splitBy } = await sharesOf(path);
    expect(ada).toBeCloseTo(0.5, 5);
    expect(splitBy).toMatchObject({ smUtilization: 0, memory: 0 });
  });
});

describe('two hosts that are billed in two currencies', () => {
  const card = (provider: string, currency: string, price: string) => {
    const path = join(folder, `${provider}.yaml`);
    writeFileSync(
      path,
      `schema: gpucost.rates/1
provider: ${provider}
currency: ${currency}
sources: { books: { note: synthetic, read: 2026-01-01 } }
machines:
  box:
    gpus: 1
    prices:
      - { purchase: own, region: any, per_hour: ${price}, as_of: 2026-01-01, source: books, confidence: high }
`,
    );
    return ['--rates', path];
  };
  const host = (name: string) => ({ ...aHeader(1).host, name, key: name.padEnd(16, '0') });
  const on = (provider: string, name: string, index: number): string =>
    writeSession(
      `20260105-000000-${name}`,
      {
        host: host(name),
        gpus: [aGpuIdentity(index)],
        machine: {
          provider,
          type: 'box',
          region: null,
          purchase: null,
          detectedBy: 'config',
          launchedAt: null,
        },
      },
      twoUsers,
    );

  it('have a row each for one user, with its own money', async () => {
    const paths = [on('acme', 'aaa', 0), on('zeta', 'bbb', 1)];
    const rates = [...card('acme', 'EUR', '3'), ...card('zeta', 'JPY', '500')];
    const report = await reportOf(['--by', 'user', ...rates, ...paths]);
    expect(report.cost).toBeNull();
    const ada = rowsOf(report).filter(({ name }) => name === 'ada');
    expect(ada.map(({ cost }) => cost?.currency)).toEqual(['EUR', 'JPY']);
    for (const { cost } of report.machines) {
      const own = rowsOf(report).filter((row) => row.cost?.currency === cost?.currency);
      expect(sum(own.map((row) => row.cost?.billed ?? Number.NaN))).toBeCloseTo(
        cost?.billed ?? 0,
        6,
      );
    }
    for (const format of ['table', 'markdown', 'html']) {
      const { stdout } = await runCli([
        'report',
        '--by',
        'user',
        '--format',
        format,
        ...rates,
        ...paths,
      ]);
      const groups = stdout.slice(stdout.search(/\bby user/i));
      expect(groups.match(/ada[\s\S]*?€/), format).not.toBeNull();
      expect(groups.match(/ada[\s\S]*?¥/), format).not.toBeNull();
    }
  });
});
