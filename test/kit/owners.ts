import type { ProcessOwner } from '../../src/host/process-owner.ts';

/** Whose a made-up process is: nothing is known of it but what a test cares about. */
export function anOwner(facts: Partial<ProcessOwner> = {}): ProcessOwner {
  return {
    startedAt: null,
    startTicks: 1,
    uid: null,
    user: null,
    container: null,
    pod: null,
    slurmJob: null,
    slurmStep: null,
    unit: null,
    launcher: null,
    rank: null,
    rendezvousPort: null,
    ...facts,
  };
}
