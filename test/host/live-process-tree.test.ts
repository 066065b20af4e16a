import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHostReader } from '../../src/host/host-reader.ts';

/**
 * Real processes of this machine: a parent that sleeps, with a child that burns one core, one that sleeps, and
 * one that reads a file again and again, around the page cache where the file system allows that.
 */
const parentSource = `
  const { spawn } = require('node:child_process');
  const run = (source, ...more) =>
    spawn(process.execPath, ['-e', source, ...more], { stdio: ['ignore', 'inherit', 'inherit'] });
  const children = [
    run('for (;;);'),
    run("process.stdout.write('asleep '); setInterval(() => {}, 60000)"),
    run(\`
      const fs = require('node:fs');
      const file = process.argv[1];
      const size = 1024 * 1024;
      const memory = Buffer.allocUnsafeSlow(size + 4096);
      const direct = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_DIRECT ?? 0));
      // O_DIRECT wants a buffer at a block's border, and where ours lies is not to be asked for: try.
      let shift = 0;
      let isDirect = false;
      for (; shift < 4096 && !isDirect; shift += isDirect ? 0 : 16) {
        try {
          fs.readSync(direct, memory, shift, size, 0);
          isDirect = true;
        } catch {}
      }
      const handle = isDirect ? direct : fs.openSync(file, 'r');
      process.stdout.write(isDirect ? 'direct ' : 'cached ');
      let offset = 0;
      setInterval(() => {
        const read = fs.readSync(handle, memory, isDirect ? shift : 0, size, offset);
        offset = read < size ? 0 : offset + size;
      }, 10);
    \`, process.argv[1]),
  ];
  process.on('exit', () => { for (const child of children) child.kill('SIGKILL'); });
  process.on('SIGTERM', () => process.exit(0));
  // Should the test be killed, the pipe closes and nothing stays behind.
  process.stdin.on('end', () => process.exit(0)).resume();
`;

describe.skipIf(process.platform !== 'linux')('a real process tree', () => {
  let parent: ChildProcess;
  let folder: string;
  let readsPastCache = false;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gpucost-live-'));
    const file = join(folder, 'data');
    writeFileSync(file, Buffer.alloc(32 * 1024 * 1024, 7), { flush: true });
    parent = spawn(process.execPath, ['-e', parentSource, file], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let said = '';
    await new Promise<void>((resolve) => {
      parent.stdout?.on('data', (words: Buffer) => {
        said += words.toString();
        if (/asleep/.test(said) && /direct|cached/.test(said)) resolve();
      });
    });
    readsPastCache = said.includes('direct');
    // Until what starting up costs is behind them.
    await pause(300);
  });

  afterAll(async () => {
    const ended = new Promise((resolve) => parent.once('exit', resolve));
    parent.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });

  it('reads as what it does', async () => {
    const reader = createHostReader();
    const gpuProcesses = [{ pid: parent.pid ?? 0, gpus: [0], name: 'node' }];
    await reader.readHost(Date.now(), gpuProcesses);
    for (let i = 0; i < 16; i += 1) {
      await pause(100);
      reader.look();
    }
    const lines = await reader.readHost(Date.now(), gpuProcesses);
    const line = lines.find((candidate) => candidate.kind === 'job');
    if (line?.kind !== 'job') throw new Error('no job line');
    const job = Object.fromEntries(
      reader.columns.jobColumns.map((column, i) => [column, line.values[i] ?? null]),
    );
    const cpuCores = job['cpuCores'] ?? 0;
    // Other programs may compete for the cores, so the burner can get less than one, but hardly more.
    expect(cpuCores).toBeGreaterThan(0.1);
    expect(cpuCores).toBeLessThan(1.6);
    expect(job['mainCpuCores']).toBeLessThan(0.1);
    expect(job['busiestThreadShare']).toBeLessThan(0.1);
    // The burner and the reader; not the sleeper.
    expect(job['workers']).toBe(2);
    expect(job['workerCpuShare']).toBeCloseTo(cpuCores / 2, 1);
    // 1 MiB at most every 10 ms.
    expect(job['requestedReadBytesPerS']).toBeGreaterThan(1024 ** 2);
    expect(job['requestedReadBytesPerS']).toBeLessThan(110 * 1024 ** 2);
    const requested = job['requestedReadBytesPerS'] ?? 0;
    if (readsPastCache) expect(job['readBytesPerS']).toBeGreaterThan(0.9 * requested);
    expect(job['dStateShare']).toBeGreaterThanOrEqual(0);
    expect(job['dStateShare']).toBeLessThan(0.5);
    expect(job['cpuCoresAllowed']).toBeGreaterThan(0);
  });

  it('tells who we are', async () => {
    const identity = await createHostReader().identity();
    expect(identity.cpus).toBeGreaterThan(0);
    expect(identity.memoryMib).toBeGreaterThan(256);
    expect(identity.bootedAt).toBeLessThan(Date.now());
  });
});
