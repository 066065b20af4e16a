import { expect, it } from 'vitest';
import { byState } from '../../../src/render/html/columns.ts';
import { readoutText } from '../../../src/render/html/page/readout.ts';
import type { Track } from '../../../src/render/html/track.ts';

const startMs = Date.parse('2026-11-22T08:00:00Z');
const track: Track = {
  gpu: 'g1',
  start: [0, 60_000],
  end: [30_000, 90_000],
  states: { ...byState(() => [0, 0]), effective: [15_000, 0], waiting: [12_000, 30_000] },
  utilizationPct: { band: { low: [20, null], high: [90, null] }, top: 100 },
  loadPct: null,
  powerW: { band: { low: [300, 90], high: [300, 120] }, top: 700 },
  memoryMib: { band: { low: [1024, 2048], high: [1536, 2048] }, top: 81_920 },
};

it('says what was read, from the lowest to the highest, and how it divides', () => {
  expect(readoutText(track, 1500, startMs)).toBe(
    '11-22 08:00:01: utilization 20–90 %; power 300 W; memory 1–1.5 GiB; effective 50 %, waiting 40 %',
  );
});

it('leaves out what is not known', () => {
  expect(readoutText(track, 60_000, startMs)).toBe(
    '11-22 08:01: power 90–120 W; memory 2 GiB; waiting 100 %',
  );
});

it('says where nothing was observed', () => {
  expect(readoutText(track, 45_000, startMs)).toBe('11-22 08:00:45: unobserved');
});
