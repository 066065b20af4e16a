import { expect, test } from 'vitest';
import { MountWaits } from '../../src/usage/mount-waits.ts';

const nfs = {
  point: '/data',
  type: 'nfs4',
  store: 'network',
  found: 3,
  writing: 0,
  readBytesPerS: 100,
  readMs: 4,
} as const;
const disk = {
  point: '/',
  type: 'ext4',
  store: 'local',
  found: 1,
  writing: 1,
  readBytesPerS: null,
  readMs: null,
} as const;

test('the mounts of a span, the most waited for first, as shares of all that was found waiting', () => {
  const waits = new MountWaits();
  for (const minute of [0, 1, 2]) {
    waits.add({ timeMs: minute * 60_000, mounts: [disk, nfs], unplaced: 0 });
    waits.add({ timeMs: minute * 60_000 + 20_000, mounts: [nfs], unplaced: 1 });
  }
  waits.add({ timeMs: 600_000, mounts: [{ ...disk, found: 90 }], unplaced: 0 });
  const places = waits.places(0, 180_000);
  expect(places.map(({ point, share }) => [point, share])).toEqual([
    ['/data', 6 / 8],
    ['/', 1 / 8],
  ]);
  expect(places[0]).toMatchObject({ writingShare: 0, readBytesPerS: 100, readMs: 4 });
  expect(places[1]).toMatchObject({ writingShare: 1, readBytesPerS: null });
  expect(waits.places(300_000, 400_000)).toEqual([]);
});

test('lines of an older recording add up in the same way', () => {
  const waits = new MountWaits();
  for (const minute of [2, 0, 1, 0]) {
    waits.add({ timeMs: minute * 60_000, mounts: [nfs], unplaced: 0 });
  }
  expect(waits.places(0, 60_000)[0]?.share).toBe(1);
  expect(waits.places(0, 60_000)).toEqual(waits.places(0, 180_000));
});
