import type { TruthSet } from '../truth-case.ts';
import { batchSweeps } from './batch-sweep.ts';
import { h100Traces } from './h100-traces.ts';
import { kernelFixtures } from './kernel-fixtures.ts';
import { livePrograms } from './live-programs.ts';
import { provingGround } from './proving-ground.ts';
import { publicLogs } from './public-logs.ts';
import { syntheticRecordings } from './recordings.ts';
import { wholeMachine } from './whole-machine.ts';

/** Every set of cases, in the order in which they are run and listed. */
export const truthSets: readonly TruthSet[] = [
  h100Traces,
  wholeMachine,
  ...publicLogs,
  ...batchSweeps,
  syntheticRecordings,
  kernelFixtures,
  provingGround,
  ...livePrograms,
];
