import { describe, expect, it } from 'vitest';
import { type IdleReading, IdleSpell } from '../../src/usage/idle-spell.ts';

const idle: IdleReading = { utilizationGpuPct: 0, computeProcesses: 0, memoryUsedMib: 4 };
const held: IdleReading = { utilizationGpuPct: 0, computeProcesses: 1, memoryUsedMib: 9000 };
const busy: IdleReading = { utilizationGpuPct: 80, computeProcesses: 1, memoryUsedMib: 9000 };
const faint: IdleReading = { utilizationGpuPct: 4, computeProcesses: 0, memoryUsedMib: 4 };
const unread: IdleReading = { utilizationGpuPct: NaN, computeProcesses: NaN, memoryUsedMib: 4 };

/** Adds one reading a second to each GPU; a letter is a second, a row a GPU, `-` no sample. */
function after(...rows: readonly string[]) {
  const readings = { i: idle, h: held, b: busy, f: faint, '?': unread };
  const spell = new IdleSpell(1000);
  spell.setGpuCount(rows.length);
  const length = Math.max(...rows.map((row) => row.length));
  for (let t = 0; t < length; t++) {
    for (const [gpu, row] of rows.entries()) {
      const reading = Object.entries(readings).find(([key]) => key === row[t])?.[1];
      if (reading) spell.add(gpu, t * 1000, reading);
    }
  }
  return spell.at((length - 1) * 1000);
}

describe('the time since which all GPUs are provably idle', () => {
  it('begins with the last GPU that became idle', () => {
    expect(after('bbiiiiiiii', 'bbbbbiiiii')).toEqual({
      isIdle: true,
      sinceMs: 4000,
      forMs: 5000,
      isHeld: false,
    });
  });

  it('says that memory is held', () => {
    expect(after('iiii', 'ihhh')).toMatchObject({ isIdle: true, isHeld: true });
  });

  it('is broken by one GPU at work, which is named', () => {
    expect(after('iiiiiiii', 'iiiiiiib')).toEqual({
      isIdle: false,
      gpu: 1,
      why: 'active',
      utilizationPct: 80,
      words: null,
    });
  });

  it('takes a missing utilization for activity', () => {
    expect(after('iiiiiiii', '????????')).toMatchObject({
      isIdle: false,
      gpu: 1,
      why: 'no-reading',
    });
    expect(after('iiii?iii')).toMatchObject({ isIdle: true, sinceMs: 4000 });
  });

  it('takes a gap for activity: nobody knows what ran in it', () => {
    expect(after('iiiiiii------iii')).toMatchObject({ isIdle: true, sinceMs: 13_000 });
  });

  it('bridges a lost sample or two, as the accounts do', () => {
    expect(after('iiii--iii')).toMatchObject({ isIdle: true, sinceMs: 0 });
  });

  it('does not go on when samples stop', () => {
    const spell = new IdleSpell(1000);
    spell.setGpuCount(1);
    for (let t = 0; t < 100; t++) spell.add(0, t * 1000, idle);
    expect(spell.at(103_000)).toMatchObject({ isIdle: true });
    expect(spell.at(103_001)).toMatchObject({ isIdle: false, why: 'no-reading' });
  });

  it('is ended by any activity, also one that the accounts pass over as isolated', () => {
    expect(after('iifii')).toMatchObject({ isIdle: true, sinceMs: 2000 });
    expect(after('iibii')).toMatchObject({ isIdle: true, sinceMs: 2000 });
    expect(after('ffffiffffiffffi')).toMatchObject({ isIdle: true, sinceMs: 13_000 });
  });

  it('proves nothing once nvidia-smi speaks of a GPU that it can not read', () => {
    const spell = new IdleSpell(1000);
    spell.setGpuCount(1);
    spell.unread('Unable to determine the device handle for GPU 0000:3D:00.0: Unknown Error');
    for (let t = 0; t < 100; t++) spell.add(0, t * 1000, idle);
    expect(spell.at(99_000)).toMatchObject({
      isIdle: false,
      why: 'no-reading',
      words: 'Unable to determine the device handle for GPU 0000:3D:00.0: Unknown Error',
    });
  });

  it('asks a GPU that appears to prove itself', () => {
    const spell = new IdleSpell(1000);
    spell.setGpuCount(1);
    spell.add(0, 0, idle);
    spell.add(0, 1000, idle);
    spell.setGpuCount(2);
    expect(spell.at(1000)).toMatchObject({ isIdle: false, gpu: 1 });
  });

  it('is never idle without GPUs', () => {
    expect(new IdleSpell(1000).at(0)).toEqual({
      isIdle: false,
      gpu: null,
      why: 'no-reading',
      utilizationPct: null,
      words: null,
    });
  });

  it('takes a latched utilization without process and memory for idle', () => {
    const spell = new IdleSpell(1000);
    spell.setGpuCount(1);
    for (const t of [0, 1000, 2000]) {
      spell.add(0, t, { utilizationGpuPct: 100, computeProcesses: 0, memoryUsedMib: 0 });
    }
    expect(spell.at(2000)).toMatchObject({ isIdle: true, sinceMs: 0 });
  });
});
