import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { baseName, readComputeApp } from '../../src/sample/compute-apps.ts';
import { dmonReader } from '../../src/sample/dmon.ts';
import { driverMessage, sameBusId } from '../../src/sample/driver-message.ts';
import { lineSplitter } from '../../src/sample/line-splitter.ts';
import { rowReader } from '../../src/sample/row-reader.ts';
import { fieldsNotOffered, fieldsToQuery, namesInHelp } from '../../src/sample/supported-fields.ts';

const shared = new URL('../../../shared/nvidia-smi/', import.meta.url);
const filesIn = (folder: string, ending: string): readonly string[] =>
  existsSync(new URL(folder, shared))
    ? readdirSync(new URL(folder, shared)).filter((name) => name.endsWith(ending))
    : [];
const textOf = (path: string): string => readFileSync(new URL(path, shared), 'utf8');

it('lines survive any cut of their bytes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme' }).map((s) => s.replace(/[\r\n]/g, ''))),
      fc.array(fc.nat(500)),
      (lines, cuts) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\r\n`).join(''));
        const splitter = lineSplitter();
        const seen: string[] = [];
        let from = 0;
        for (const cut of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
          if (cut < from) continue;
          seen.push(...splitter.push(bytes.subarray(from, cut)));
          from = Math.min(cut, bytes.length);
        }
        expect(seen).toEqual(lines);
        expect(splitter.rest()).toBe('');
      },
    ),
  );
});

describe('compute-apps', () => {
  const gpu = 'GPU-00000074-0000-4000-8000-000000000000';

  it('reads from the outside in: the name may hold anything', () => {
    expect(readComputeApp(`${gpu}, 4711, serve, 12, 99, 6418`)).toEqual({
      gpuUuid: gpu,
      pid: 4711,
      path: 'serve, 12, 99',
      memoryMib: 6418,
    });
    expect(readComputeApp(`${gpu}, 4711, [Not Found], [N/A]`)).toMatchObject({
      path: null,
      memoryMib: null,
    });
    expect(readComputeApp('No running processes found')).toBeNull();
    expect(readComputeApp(`${gpu}, 47`)).toBeNull();
  });

  it.each([
    ['/usr/bin/python3', 'python3'],
    ['./gpu_burn', 'gpu_burn'],
    ['python train.py --token=secret', 'python'],
    ['/opt/x/python /data/token=secret', 'python'],
    ['C:\\Program Files\\App\\NVIDIA Share.exe', 'NVIDIA Share.exe'],
    ['C:\\a\\b.exe --token=secret', 'b.exe'],
    ['', 'unknown'],
  ])('%j is called %j', (path, name) => expect(baseName(path)).toBe(name));
});

describe('dmon', () => {
  it('goes by the header, in whatever order, and reads - as missing', () => {
    const reader = dmonReader();
    const lines = [
      '# gpu    pwr  smutil   rxpci   txpci   dram ',
      '# Idx      W   GPM:%    MB/s    MB/s  GPM:% ',
      '    0    300      94    1188     149    129 ',
      '    1      -       -       -       -      - ',
      'Not supported on the device(s)',
      '    0    300      94',
    ];
    expect(lines.map((line) => reader.read(line)).filter((row) => row !== null)).toEqual([
      {
        index: 0,
        values: {
          smActivityShare: 0.94,
          pcieRxMibPerS: 1188,
          pcieTxMibPerS: 149,
          dramActivityShare: 1,
        },
      },
      {
        index: 1,
        values: {
          smActivityShare: null,
          pcieRxMibPerS: null,
          pcieTxMibPerS: null,
          dramActivityShare: null,
        },
      },
    ]);
  });

  it('gives nothing before a header', () => {
    expect(dmonReader().read('    0   1188    149')).toBeNull();
  });
});

describe('rows', () => {
  const queried = fieldsToQuery(
    new Set([
      'index',
      'power.draw',
      'power.draw.instant',
      'clocks_throttle_reasons.hw_slowdown',
      'clocks_throttle_reasons.sw_thermal_slowdown',
      'uuid',
    ]),
  );
  const reader = rowReader(queried, () => undefined);
  const uuid = 'GPU-00000074-0000-4000-8000-000000000000';
  const values = (line: string): readonly (number | null)[] | string => {
    const result = reader.read(line);
    return result.kind === 'row' ? result.row.values : result.kind;
  };

  it('asks under the name that the driver knows, the UUID last', () => {
    expect(queried.map((q) => q.name)).toEqual([
      'index',
      'power.draw',
      'power.draw.instant',
      'clocks_throttle_reasons.hw_slowdown',
      'clocks_throttle_reasons.sw_thermal_slowdown',
      'uuid',
    ]);
    expect(reader.columns).toEqual(['powerDrawW', 'eventReasons']);
  });

  it('takes the next best field, combines flags, and refuses what is torn', () => {
    expect(values(`0, 31.5, 99, Not Active, Active, ${uuid}`)).toEqual([31.5, 0x20]);
    expect(values(`0, [N/A], 99, Not Active, Not Active, ${uuid}`)).toEqual([99, 0]);
    expect(values(`0, [N/A], [N/A], [N/A], Not Active, ${uuid}`)).toEqual([null, null]);
    expect(values(`0, 31.5, 99, Not Active, Active, ${uuid.slice(0, 20)}`)).toBe('failed');
    expect(values(`0, 31.5, 99, Not Act`)).toBe('failed');
    expect(values(`0, [GPU is lost], [GPU is lost], [GPU is lost], [GPU is lost], ${uuid}`)).toBe(
      'lost',
    );
    expect(
      values(
        'index, power.draw [W], power.draw.instant [W], clocks_event_reasons.hw_slowdown, clocks_event_reasons.sw_thermal_slowdown, uuid',
      ),
    ).toBe('header');
    expect(
      values(
        'index, power.limit [W], power.draw.instant [W], clocks_event_reasons.hw_slowdown, clocks_event_reasons.sw_thermal_slowdown, uuid',
      ),
    ).toBe('failed');
  });
});

describe.skipIf(!existsSync(shared))('real output', () => {
  it.each(filesIn('help/', '-help-query-gpu.txt'))(
    '%s offers every field of the catalogue',
    (name) => {
      const names = namesInHelp(textOf(`help/${name}`).split('\n'));
      expect(names.size).toBeGreaterThan(200);
      expect(names.has('Enabled')).toBe(false);
      expect(fieldsNotOffered(fieldsToQuery(names))).toEqual([]);
    },
  );

  it.each(
    filesIn('errors/', '.txt').filter(
      (name) => !/man|table-row|q-unknown|rc12|rc255|-ci\.txt|wrapped/.test(name),
    ),
  )('%s is recognised as the driver speaking', (name) => {
    const lines = textOf(`errors/${name}`)
      .split('\n')
      .filter((line) => line.trim() !== '');
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(driverMessage(line), line).not.toBeNull();
  });

  it.each(filesIn('compute-apps/', '-load-compute-apps.csv'))(
    '%s: every process is read',
    (name) => {
      const [, ...rows] = textOf(`compute-apps/${name}`).trim().split('\n');
      for (const row of rows) {
        const parts = row.split(', ');
        const app = readComputeApp(parts.slice(4).join(', '));
        expect(app?.pid).toBe(Number(parts[5]));
        expect(app?.path).toBe(parts.slice(6, -1).join(', '));
      }
    },
  );
});

it('bus ids are equal with a short and a long domain', () => {
  expect(sameBusId('0000:0B:00.0', '00000000:0b:00.0')).toBe(true);
  expect(sameBusId('0001:0B:00.0', '00000000:0B:00.0')).toBe(false);
});
