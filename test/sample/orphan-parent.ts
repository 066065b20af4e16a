// A sampler of its own process, to be killed by the test: see orphans.test.ts.
import process from 'node:process';
import { nvidiaSmi } from '../../src/sample/nvidia-smi.ts';
import type { OrphanGuardKind } from '../../src/sample/orphan-guard.ts';
import { openSampler } from '../../src/sample/sampler.ts';

const guards = (process.env['TEST_GUARDS'] ?? '')
  .split(',')
  .filter((kind): kind is OrphanGuardKind => kind === 'setpriv' || kind === 'watchdog');

const sampler = await openSampler({
  smi: nvidiaSmi({ path: process.env['TEST_SMI'] ?? '', env: process.env, guards }),
  intervalMs: 50,
});
let ticks = 0;
for await (const line of sampler.lines()) {
  if (line.kind === 'tick') ticks++;
  if (ticks === 2) process.stdout.write('sampling\n');
  if (ticks === 2 && process.env['TEST_THROW'] === '1') throw new Error('as a bug would');
}
