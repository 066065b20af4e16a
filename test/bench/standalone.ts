import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';

const path = 'standalone/gpucost';

/** The standalone executable's start, by turns with a bare node's (budget: 150 ms). */
export async function standalone(): Promise<void> {
  if (!existsSync(path)) {
    console.log(`the standalone executable: not built (npm run build:standalone)`);
    return;
  }
  console.log(`the standalone executable, ${(statSync(path).size / 1e6).toFixed(1)} MB`);
  const commands = [
    [process.execPath, '-e', '0'],
    [path, '--version'],
    [path, '--help'],
  ] as const;
  const timesMs = commands.map((): number[] => []);
  for (let round = 0; round < 21; round++) {
    commands.forEach(([program, ...args], i) => {
      const startedAt = performance.now();
      const { status } = spawnSync(program, args, { stdio: 'ignore' });
      if (status !== 0) throw new Error(`${program} ${args.join(' ')}: exit ${String(status)}`);
      timesMs[i]?.push(performance.now() - startedAt);
    });
  }
  const fastestNode = Math.min(...(timesMs[0] ?? []));
  commands.forEach((command, i) => {
    const sorted = (timesMs[i] ?? []).toSorted((a, b) => a - b);
    const ms = (at: number) => `${(sorted[at] ?? Number.NaN).toFixed(0)} ms`;
    console.log(
      `  ${command.slice(0, 2).join(' ').padEnd(30)} fastest ${ms(0)}, median ${ms(10)}, ${((sorted[0] ?? Number.NaN) / fastestNode).toFixed(2)} × node`,
    );
  });
}
