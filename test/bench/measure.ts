import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Cost {
  readonly wallS: number;
  readonly cpuS: number;
  readonly rssMb: number;
}

/** Runs a Node program to its end; what it cost by the kernel's own counting. */
export async function runNode(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Cost> {
  const preload = fileURLToPath(new URL('../test/bench/max-rss.mjs', import.meta.url));
  const started = performance.now();
  const child = spawn(process.execPath, ['--import', preload, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  let text = '';
  child.stdio[3]?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const wallS = (performance.now() - started) / 1_000;
  if (code !== 0) throw new Error(`${args.join(' ')}: exit ${code}`);
  const usage: unknown = JSON.parse(text);
  if (!isUsage(usage)) throw new Error(`no usage from ${args.join(' ')}`);
  return { wallS, ...usage };
}

/** The run with the median wall time of several. */
export async function medianRun(times: number, run: () => Promise<Cost>): Promise<Cost> {
  const costs: Cost[] = [];
  for (let i = 0; i < times; i++) costs.push(await run());
  costs.sort((a, b) => a.wallS - b.wallS);
  const middle = costs[Math.floor(costs.length / 2)];
  if (!middle) throw new Error('no run');
  return middle;
}

export function show(what: string, cost: Cost): void {
  console.log(
    `  ${what.padEnd(46)} ${cost.wallS.toFixed(3)} s wall  ${cost.cpuS.toFixed(3)} s CPU  ${cost.rssMb.toFixed(0)} MB`,
  );
}

function isUsage(value: unknown): value is { rssMb: number; cpuS: number } {
  return typeof value === 'object' && value !== null && 'rssMb' in value && 'cpuS' in value;
}
