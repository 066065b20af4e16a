import { describe, expect, it } from 'vitest';
import { hardwareNotes } from '../../src/audit/hardware-notes.ts';
import { identityOf, type Reading, recordingOf, tenOClock } from '../kit/samples.ts';
import { usageOf } from '../kit/usage-of.ts';

async function notesOf(facts: object, ecc: readonly number[] = []) {
  const readings = Array.from(
    { length: 60 },
    (_, i): Reading => ({
      timeMs: tenOClock + 1_000 * (i + 1),
      utilizationGpuPct: 90,
      memoryUsedMib: 9_000,
      ...(ecc.length > 0 ? { eccUncorrected: ecc[Math.floor((i * ecc.length) / 60)] ?? NaN } : {}),
    }),
  );
  const { gpus } = await usageOf([recordingOf(new Map([[identityOf('GPU-a', facts), readings]]))]);
  return { codes: hardwareNotes(gpus).map(({ code }) => code), gpus };
}

describe('hardwareNotes', () => {
  it('is silent on a sound GPU, and where nothing is reported', async () => {
    expect((await notesOf({})).codes).toEqual([]);
    expect((await notesOf({ persistenceMode: null, name: null })).codes).toEqual([]);
  });

  it('counts memory errors from the first reading on, not those from before', async () => {
    expect((await notesOf({}, [7])).codes).toEqual([]);
    const { codes, gpus } = await notesOf({}, [7, 7, 9, 12]);
    expect(codes).toEqual(['ecc-errors']);
    expect(gpus[0]?.eccErrors).toBe(5);
    // A row that is remapped (XID 63, 64) ends no work.
    const [note] = hardwareNotes(gpus);
    expect(note?.message).toContain('XID 48, 94 or 95');
    // The driver was loaded anew: what its counter holds came after.
    expect((await notesOf({}, [7, NaN, 2])).gpus[0]?.eccErrors).toBe(2);
    expect((await notesOf({})).gpus[0]?.eccErrors).toBeNull();
  });

  it.each(['GRID T4-16Q', 'NVIDIA A100-40C', 'GRID V100D-8Q', 'NVIDIA L40S-24Q'])(
    'knows %s for a virtual GPU',
    async (name) => expect((await notesOf({ name })).codes).toEqual(['vgpu']),
  );

  it.each(['NVIDIA A100-SXM4-40GB', 'Tesla T4', 'NVIDIA H100 80GB HBM3', 'Tesla V100-PCIE-32GB'])(
    'knows %s for a whole card',
    async (name) => expect((await notesOf({ name })).codes).toEqual([]),
  );

  it('names persistence mode where it was off', async () => {
    expect((await notesOf({ persistenceMode: false })).codes).toEqual(['persistence-off']);
  });
});
