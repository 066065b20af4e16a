import { spawn, spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createHostReader } from '../../src/host/host-reader.ts';

/** A parent that sleeps, and two children that compute on one and the same core. */
const source = `
import os, sys
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
children = []
for _ in range(2):
    child = os.fork()
    if child == 0:
        while True:
            pass
    children.append(child)
print("computing", flush=True)
sys.stdin.read()
for child in children:
    os.kill(child, 9)
    os.waitpid(child, 0)
`;

const isMissing = process.platform !== 'linux' || spawnSync('python3', ['--version']).status !== 0;

it.skipIf(isMissing)('two loops on one core each want a whole one', async () => {
  const parent = spawn('python3', ['-c', source], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => parent.once('exit', resolve));
  try {
    await new Promise((resolve) => parent.stdout.once('data', resolve));
    const reader = createHostReader();
    const gpuProcesses = [{ pid: parent.pid ?? 0, gpus: [0], name: 'python3' }];
    await reader.readHost(Date.now(), gpuProcesses);
    await pause(2000);
    const lines = await reader.readHost(Date.now(), gpuProcesses);
    const line = lines.find((candidate) => candidate.kind === 'job');
    if (line?.kind !== 'job') throw new Error('no job line');
    const job = new Map(reader.columns.jobColumns.map((column, i) => [column, line.values[i]]));
    const had = job.get('workerCpuShare') ?? Number.NaN;
    const queued = job.get('workerQueuedShare');
    expect(job.get('workers')).toBe(2);
    // Half of the core each; less where other programs compute as well.
    expect(had).toBeLessThan(0.65);
    // A kernel without these counters tells nothing, and that is not 0.
    if (queued === null || queued === undefined) return;
    expect(queued).toBeGreaterThan(0.3);
    expect(had + queued).toBeGreaterThan(0.9);
    expect(had + queued).toBeLessThan(1.1);
  } finally {
    parent.stdin.end();
    await ended;
  }
});
