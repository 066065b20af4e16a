import { describe, expect, it } from 'vitest';
import {
  count,
  hexMask,
  isAbsent,
  onOff,
  parseText,
  pstate,
  quantity,
  saysGpuLost,
} from '../../src/sample/parse-value.ts';

describe('placeholders', () => {
  const placeholders = [
    '',
    ' ',
    '-',
    '[N/A]',
    'N/A',
    '[Not Supported]',
    '[Unknown Error]',
    'Unknown Error',
    '[GPU is lost]',
    '[GPU requires reset]',
    'ERR!',
    '[Insufficient Permissions]',
    '[Function Not Found]',
    '[Requested functionality has been deprecated]',
  ];

  it.each(placeholders)('%j is null for every parser', (cell) => {
    for (const parse of [quantity('MiB'), count, hexMask, pstate, onOff]) {
      expect(parse(cell)).toBeNull();
    }
    expect(parseText(cell)).toBeNull();
    expect(isAbsent(cell)).toBe(true);
  });

  it('a zero is a reading', () => {
    expect(quantity('%')(' 0 %')).toBe(0);
    expect(count('0')).toBe(0);
    expect(isAbsent('0')).toBe(false);
  });

  it('tells a lost GPU from a reading that it does not have', () => {
    expect(saysGpuLost(' [GPU is lost]')).toBe(true);
    expect(saysGpuLost('[GPU requires reset]')).toBe(true);
    expect(saysGpuLost('[Unknown Error]')).toBe(false);
    expect(saysGpuLost('[N/A]')).toBe(false);
  });
});

describe('values', () => {
  it.each([
    ['%', ' 98 %', 98],
    ['%', '98', 98],
    ['MiB', ' 19818 MiB', 19_818],
    ['W', '631.95 W', 631.95],
    ['us', '5451018134 us', 5_451_018_134],
    ['MHz', '1980 MHz', 1980],
  ])('quantity(%j) reads %j', (unit, cell, expected) => {
    expect(quantity(unit)(cell)).toBe(expected);
  });

  it('does not understand foreign text, units or half a number', () => {
    for (const cell of [
      'fast',
      '12 GiB',
      '1,5',
      '0x10',
      '12abc',
      'Infinity',
      'NaN',
      '[Warming up]',
    ]) {
      expect(quantity('MiB')(cell), cell).toBeUndefined();
    }
    expect(hexMask('4')).toBeUndefined();
    expect(pstate('8')).toBeUndefined();
    expect(onOff('Perhaps')).toBeUndefined();
  });

  it('reads masks, states and switches', () => {
    expect(hexMask(' 0x0000000000000004')).toBe(4);
    expect(pstate('P8')).toBe(8);
    expect(pstate('P0')).toBe(0);
    expect(onOff('Active')).toBe(1);
    expect(onOff('Not Active')).toBe(0);
    expect(onOff('Enabled')).toBe(1);
    expect(onOff('Disabled')).toBe(0);
    expect(parseText(' NVIDIA H100 80GB HBM3')).toBe('NVIDIA H100 80GB HBM3');
  });
});
