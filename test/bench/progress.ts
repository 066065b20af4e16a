import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Wrapped runs of about a minute; the fastest of each kind, since others' load only ever adds time. */
const repeats = 3;

/** A fixed amount of work, about a minute, that repaints a bar of tqdm 50 times a second. */
const chatty = `
const { createHash } = require('node:crypto');
const block = Buffer.alloc(1 << 16);
const steps = 3000;
const sleep = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
for (let i = 1; i <= steps; i++) {
  for (let j = 0; j < 20; j++) createHash('sha256').update(block).digest();
  sleep(16);
  process.stderr.write('\\r' + Math.floor((100 * i) / steps) + '%|' + '#'.repeat(20) + '| ' + i + '/' + steps + ' [00:10<00:50, 50.00it/s, loss=0.123]');
}
`;

/** What reading a chatty command's progress adds to its wall time (budget: 1 % of a run of 60 s). */
export async function progress(folder: string): Promise<void> {
  console.log(
    `a command of about a minute that repaints a bar 50 times a second, ${repeats} times`,
  );
  const seconds: { without: number[]; with: number[] } = { without: [], with: [] };
  for (let i = 0; i < repeats; i++) {
    // One beside the other, so that a busy spell of the machine meets both.
    seconds.without.push(await wrapped(folder, []));
    seconds.with.push(await wrapped(folder, ['--progress', 'auto']));
    console.log(`  without ${last(seconds.without)} s, with --progress ${last(seconds.with)} s`);
  }
  const ratio = Math.min(...seconds.with) / Math.min(...seconds.without);
  console.log(`  with over without, fastest of ${repeats}: ${ratio.toFixed(4)}`);
}

function last(values: readonly number[]): string {
  return (values.at(-1) ?? Number.NaN).toFixed(2);
}

async function wrapped(folder: string, flags: readonly string[]): Promise<number> {
  const args = ['bin/gpucost.js', 'watch', '--no-network', '--quiet', ...flags];
  const output = ['-o', join(folder, 'progress.json'), '--', process.execPath, '-e', chatty];
  const start = process.hrtime.bigint();
  const child = spawn(process.execPath, [...args, ...output], {
    env: {
      ...process.env,
      GPUCOST_HOME: join(folder, 'home'),
      GPUCOST_NVIDIA_SMI: 'test/fake/nvidia-smi',
      FAKE_RECORDING: 'test/recordings/linux-x86_64__tesla-t4__550.54.15.txt',
    },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  await once(child, 'close');
  return Number(process.hrtime.bigint() - start) / 1e9;
}
