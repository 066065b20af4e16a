import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const seconds = 120;
/** Clock ticks a second of /proc's CPU times (USER_HZ), 100 on every Linux that Node runs on. */
const hertz = 100;
const recording = 'test/recordings/linux-x86_64__nvidia-h100x8__590.48.01.txt';

/** watch with 8 GPUs at 1 Hz for two minutes (budget: 1 % of a core, 80 MB), beside a shell loop that starts nvidia-smi each second. */
export async function watch(folder: string): Promise<void> {
  console.log(`watching 8 GPUs at 1 Hz for ${seconds} s, on the fake`);
  const log = join(folder, 'starts.jsonl');
  const env = {
    ...process.env,
    GPUCOST_HOME: join(folder, 'home'),
    GPUCOST_NVIDIA_SMI: 'test/fake/nvidia-smi',
    FAKE_RECORDING: recording,
    FAKE_LOG: log,
  };
  const args = [
    'bin/gpucost.js',
    'watch',
    '-d',
    `${seconds + 10}s`,
    '--no-network',
    '--quiet',
    '-o',
    join(folder, 'watch.json'),
  ];
  const ours = await observe(spawn(process.execPath, args, { env, stdio: 'ignore' }));
  console.log(
    `  gpucost watch: own CPU ${percent(ours.ownS)} of a core, ${ours.rssMb.toFixed(0)} MB; children ${percent(ours.childrenS)}`,
  );
  const starts = readFileSync(log, 'utf8').trim().split('\n').length;
  console.log(`  starts of nvidia-smi: ${starts}`);
  const query = 'timestamp,index,uuid,utilization.gpu,utilization.memory,memory.used,power.draw';
  const loop = `while :; do test/fake/nvidia-smi --query-gpu=${query} --format=csv >> "${join(folder, 'loop.csv')}"; sleep 1; done`;
  const shell = spawn('/bin/sh', ['-c', loop], {
    env: { ...env, FAKE_LOG: '' },
    stdio: 'ignore',
    detached: true,
  });
  const theirs = await observe(shell);
  console.log(
    `  shell loop: own CPU ${percent(theirs.ownS)}; children ${percent(theirs.childrenS)}`,
  );
  const both = (o: Observed) => o.ownS + o.childrenS;
  console.log(
    `  all CPU, ours over the loop's: ${(both(ours) / both(theirs)).toFixed(2)} (the fake is a Node program: its start costs more than nvidia-smi's parsing, less than its driver work)`,
  );
}

interface Observed {
  readonly ownS: number;
  readonly childrenS: number;
  readonly rssMb: number;
}

/** CPU seconds of a process and of its children over the time after its start, and its peak memory. */
async function observe(child: ChildProcess): Promise<Observed> {
  const pid = child.pid ?? 0;
  const ended = once(child, 'exit');
  await sleep(5_000);
  const before = cpu(pid);
  await sleep(seconds * 1_000);
  const after = cpu(pid);
  const rssMb =
    Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_000;
  if (child.spawnargs[0] === '/bin/sh') process.kill(-pid, 'SIGKILL');
  await ended;
  return { ownS: after.own - before.own, childrenS: after.children - before.children, rssMb };
}

/** A process' own CPU seconds; its children's, living ones and those that it waited for. */
function cpu(pid: number): { own: number; children: number } {
  const [own, dead] = times(pid);
  let children = dead;
  for (const other of readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)) {
    try {
      if (parentOf(other) !== pid) continue;
      const [self, waited] = times(other);
      children += self + waited;
    } catch {
      // It ended while we looked: its time is then among those waited for.
    }
  }
  return { own, children };
}

function fieldsOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function parentOf(pid: number): number {
  return Number(fieldsOf(pid)[1]);
}

function times(pid: number): [number, number] {
  const f = fieldsOf(pid).map(Number);
  return [((f[11] ?? 0) + (f[12] ?? 0)) / hertz, ((f[13] ?? 0) + (f[14] ?? 0)) / hertz];
}

function percent(cpuS: number): string {
  return `${((100 * cpuS) / seconds).toFixed(2)} %`;
}
