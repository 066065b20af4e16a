import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fieldOfHeader, fields, headerName, maskOfFlags } from '../../src/sample/fields.ts';

describe('catalogue', () => {
  it('knows each name once', () => {
    const names = fields.flatMap((f) => [f.name, ...new Set(f.aliases)]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('reads headers with and without units, in old and new spellings', () => {
    expect(headerName(' memory.used [MiB]')).toBe('memory.used');
    expect(fieldOfHeader(' memory.used [MiB]')?.column).toBe('memoryUsedMib');
    expect(fieldOfHeader('clocks.sm [MHz]')).toBe(fieldOfHeader('clocks.current.sm'));
    expect(fieldOfHeader('clocks_throttle_reasons.active')?.column).toBe('eventReasons');
    expect(fieldOfHeader('clocks_throttle_reasons.hw_slowdown')?.reasonBit).toBe(8);
    expect(fieldOfHeader('gpu_uuid')?.textFact).toBe('uuid');
    expect(fieldOfHeader('fan.speed [%]')).toBeUndefined();
  });
});

describe('maskOfFlags', () => {
  it('claims "not throttled" only with every throttling flag at hand', () => {
    expect(maskOfFlags(0, 0x8 | 0x20)).toBe(0);
    expect(maskOfFlags(0, 0x40 | 0x80 | 0x20)).toBe(0);
    expect(maskOfFlags(0, 0x8)).toBeNull();
    expect(maskOfFlags(0, 0x40 | 0x20)).toBeNull();
    expect(maskOfFlags(0, 0)).toBeNull();
  });

  it('takes an active flag as it is', () => {
    expect(maskOfFlags(0x40, 0x40)).toBe(0x40);
  });
});

const captures = new URL('../../../shared/nvidia-smi/query-gpu/', import.meta.url);

describe.skipIf(!existsSync(captures))('captures of real drivers', () => {
  const files = existsSync(captures)
    ? readdirSync(captures).filter((name) => name.endsWith('-all-fields.csv'))
    : [];

  it.each(files)('%s: every cell of a known field is a value or a known absence', (name) => {
    const [header = '', ...rows] = readFileSync(new URL(name, captures), 'utf8').trim().split('\n');
    const columns = header.split(',').map(fieldOfHeader);
    expect(columns.filter((f) => f !== undefined).length).toBeGreaterThan(30);
    for (const row of rows) {
      const cells = row.split(', ');
      columns.forEach((f, i) => {
        if (f) expect(f.parse(cells[i] ?? '?'), `${f.name} = ${cells[i]}`).not.toBeUndefined();
      });
    }
  });
});
