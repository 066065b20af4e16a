import { describe, expect, it } from 'vitest';
import { matchCard } from '../../src/machine/card-match.ts';
import { aKnown, market, noMatch } from './places.ts';

const rack = aKnown('acme', 'dgx-rack-3', { match: { ...noMatch, hostname: 'gpu3' } });
const a100 = aKnown('hpc1', 'a100', {
  match: { ...noMatch, slurmCluster: 'hpc1', slurmPartition: 'a100' },
});
const anyPartition = aKnown('hpc1', 'any', { match: { ...noMatch, slurmCluster: 'hpc1' } });
const labelled = aKnown('acme', 'labelled', { match: { ...noMatch, env: { TEAM: 'vision' } } });
const known = [...market, rack, anyPartition, a100, labelled];

const subject = { machineType: null, hostname: 'login1', env: {} };
const job = { SLURM_CLUSTER_NAME: 'hpc1', SLURM_JOB_PARTITION: 'a100' };

describe('matchCard', () => {
  it('needs all conditions of a card to hold', () => {
    expect(matchCard(known, { ...subject, hostname: 'gpu3' })?.machine.type).toBe('dgx-rack-3');
    expect(matchCard(known, { ...subject, hostname: 'gpu31' })).toBeNull();
    expect(matchCard(known, { ...subject, env: { TEAM: 'vision' } })?.by).toBe('TEAM vision');
    expect(matchCard([a100], { ...subject, env: { SLURM_CLUSTER_NAME: 'hpc1' } })).toBeNull();
  });

  it('takes the card with most conditions', () => {
    expect(matchCard(known, { ...subject, env: job })).toEqual({
      machine: a100,
      by: 'Slurm cluster hpc1, Slurm partition a100',
      count: 2,
    });
    const other = { ...job, SLURM_JOB_PARTITION: 'l40s' };
    expect(matchCard(known, { ...subject, env: other })?.machine.type).toBe('any');
  });

  it('takes none of two that match equally, and none without conditions', () => {
    const both = { ...subject, hostname: 'gpu3', env: { TEAM: 'vision' } };
    expect(matchCard(known, both)).toBeNull();
    expect(matchCard([aKnown('acme', 'open', { match: noMatch })], subject)).toBeNull();
  });
});
