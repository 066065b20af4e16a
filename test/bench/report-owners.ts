import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeSyntheticSession } from '../kit/synthetic-session.ts';
import { medianRun, runNode, show } from './measure.ts';

/**
 * report on a session whose GPUs are all shared by two processes and whose lists change every ten seconds, against the
 * same session without process lists: what owners cost at most (budget 50 % of the CPU time, 200 MB).
 */
export async function reportOwners(folder: string): Promise<void> {
  console.log('report on shared GPUs, 8 at 1 Hz, lists that change every 10 s');
  for (const days of [2, 7]) {
    const cpu: number[] = [];
    for (const isListed of [false, true]) {
      const home = join(folder, `home-owners-${days}d`);
      const options = { gpus: 8, hours: 24 * days, isShared: true, isListed };
      const { path, bytes, samples } = writeSyntheticSession(home, options);
      const args = ['bin/gpucost.js', 'report', path, '--machine', 'aws/p5.48xlarge', '--json'];
      const cost = await medianRun(3, () => runNode(args));
      const each = `${(bytes / samples).toFixed(1)} bytes a sample`;
      show(`${days} d, ${isListed ? 'listed' : 'without lists'}, ${each}`, cost);
      cpu.push(cost.cpuS);
      rmSync(home, { recursive: true });
    }
    const [without = NaN, listed = NaN] = cpu;
    console.log(`  lists: ${(100 * (listed / without - 1)).toFixed(0)} % more CPU`);
  }
}
