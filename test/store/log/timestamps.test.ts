import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dateOrderOf, TimeReader } from '../../../src/store/log/timestamps.ts';
import { utc, zoneOf } from '../../../src/store/log/zone.ts';

function readBytes(reader: TimeReader, text: string): number {
  return reader.readBytes(Buffer.from(`${text},`), 0);
}

describe('readBytes', () => {
  it('reads what Date writes, in any order', () => {
    const reader = new TimeReader(utc);
    const max = Date.UTC(2099, 11, 31);
    fc.assert(
      fc.property(fc.integer({ min: 0, max }), (ms) => {
        const text = new Date(ms).toISOString().replaceAll('-', '/').replace('T', ' ');
        expect(readBytes(reader, text.slice(0, -1))).toBe(ms);
        expect(reader.readText(text.slice(0, -1))).toBe(ms);
      }),
    );
  });

  it.each([
    '2026/02/30 10:00:00.000',
    '2026/13/01 10:00:00.000',
    '2026/01/01 24:00:00.000',
    '2026/01/01 10:60:00.000',
    '2026/01/01 10:00:0x.000',
    '2026/01/01 10:00:00',
    '2026/01/01T10:00:00.000',
    'timestamp',
    '',
  ])("leaves '%s'", (text) => {
    const reader = new TimeReader(utc);
    readBytes(reader, '2026/01/01 10:00:00.000');
    expect(readBytes(reader, text)).toBeNaN();
  });
});

describe('dateOrderOf', () => {
  it('goes by a number above twelve, and not by contradictions', () => {
    expect(dateOrderOf('03-11-2026 10:00:00,1\n03-13-2026 10:00:00,1\n')).toBe('month-first');
    expect(dateOrderOf('5, 13/03/2026 10:00:00\n')).toBe('day-first');
    expect(dateOrderOf('03-11-2026 10:00:00,1\n03-12-2026 10:00:00,1\n')).toBe('unknown');
    expect(dateOrderOf('13-03-2026 10:00:00,1\n03-13-2026 10:00:00,1\n')).toBe('unknown');
  });
});

describe('zoneOf', () => {
  const wall = (text: string): number => Date.parse(`${text}Z`);
  const at = (ms: number | null): string | null =>
    ms === null ? null : new Date(ms).toISOString();

  it.each([
    ['UTC', '2026-07-01T12:00:00', '2026-07-01T12:00:00.000Z', null],
    ['+05:30', '2026-07-01T12:00:00', '2026-07-01T06:30:00.000Z', null],
    ['-0800', '2026-07-01T12:00:00', '2026-07-01T20:00:00.000Z', null],
    ['Europe/Berlin', '2026-01-01T12:00:00', '2026-01-01T11:00:00.000Z', null],
    ['Europe/Berlin', '2026-07-01T12:00:00', '2026-07-01T10:00:00.000Z', null],
    [
      'Europe/Berlin',
      '2026-10-25T02:30:00',
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T01:30:00.000Z',
    ],
    ['Europe/Berlin', '2026-03-29T02:30:00', '2026-03-29T01:30:00.000Z', null],
    ['Asia/Kolkata', '2026-07-01T12:10:00', '2026-07-01T06:40:00.000Z', null],
  ])('%s at %s', (name, text, first, second) => {
    const instants = zoneOf(name)(wall(text));
    expect([at(instants.first), at(instants.second)]).toEqual([first, second]);
  });

  it('refuses a zone that does not exist', () => {
    expect(() => zoneOf('Mars/Olympus')).toThrow(/unknown time zone 'Mars\/Olympus'/);
  });
});
