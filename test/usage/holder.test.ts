import { expect, it } from 'vitest';
import type { ProcessOwner } from '../../src/host/process-owner.ts';
import { holderOf, launchOf } from '../../src/usage/holder.ts';
import { anOwner } from '../kit/owners.ts';

/** Two processes below one launcher. */
function launched(by: string, facts: Partial<ProcessOwner> = {}, ranks: readonly number[] = []) {
  const launcher = { pid: 9, startTicks: 9, name: by };
  return [0, 1].map((i) => {
    const rank = ranks[i] ?? null;
    const owner = anOwner({ startTicks: 100 + i, launcher, rank, ...facts });
    return launchOf(holderOf({ pid: 100 + i, name: 'python3', owner }));
  });
}

it.each(['xargs', 'make', 'python3', 'parallel'])('what %s starts are no ranks', (by) => {
  const [a, b] = launched(by);
  expect(a?.key).not.toBe(b?.key);
  expect([a, b].map((launch) => launch?.isWhole)).toEqual([false, false]);
  expect(a?.tree).toBe(b?.tree);
});

it('a Slurm step of one task may start anything', () => {
  const [a, b] = launched('xargs', { slurmJob: '42', slurmStep: '0' });
  expect(a?.key).not.toBe(b?.key);
});

it.each([
  ['torchrun', 'tree 9 9', {}, []],
  ['mpirun', 'tree 9 9', {}, []],
  ['python3', 'tree 9 9', {}, [0, 1]],
  ['python3', 'port host 29500', { rendezvousPort: 29_500 }, [0, 1]],
  ['python3', 'slurm 42.0', { slurmJob: '42', slurmStep: '0' }, [0, 1]],
] as const)('ranks below %s are one job: %s', (by, key, facts, ranks) => {
  expect(launched(by, facts, ranks)).toMatchObject([
    { key, isWhole: true },
    { key, isWhole: true },
  ]);
});
