import { join } from 'node:path';
import { writeSyntheticSession } from '../kit/synthetic-session.ts';
import { medianRun, runNode, show } from './measure.ts';

/** report on sessions of 8 GPUs at 1 Hz: 7 days (budget 4 s, 200 MB), and 1 day to see that it is linear; stored bytes (budget 24). */
export async function reportSession(folder: string): Promise<void> {
  console.log('report on a session, 8 GPUs at 1 Hz');
  const wall: number[] = [];
  for (const days of [1, 7]) {
    const { path, bytes, samples } = writeSyntheticSession(join(folder, `home-${days}d`), {
      gpus: 8,
      hours: 24 * days,
    });
    const args = ['bin/gpucost.js', 'report', path, '--machine', 'aws/p5.48xlarge', '--json'];
    const cost = await medianRun(3, () => runNode(args));
    show(
      `${days} d, ${(samples / 1e6).toFixed(2)} M samples, ${(bytes / samples).toFixed(1)} bytes a sample`,
      cost,
    );
    wall.push(cost.wallS);
  }
  console.log(
    `  7 days over 1 day: ${((wall[1] ?? NaN) / (wall[0] ?? NaN)).toFixed(2)} × the time for 7 × the samples`,
  );
}
