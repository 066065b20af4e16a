import { medianRun, runNode, show } from './measure.ts';

/** --help over a bare node (budget: 30 ms more). */
export async function start(): Promise<void> {
  console.log('starting');
  const bare = await medianRun(21, () => runNode(['-e', '0']));
  show('node -e 0', bare);
  for (const args of [['--help'], ['--version'], ['report', '--help']]) {
    const ours = await medianRun(21, () => runNode(['bin/gpucost.js', ...args]));
    show(`gpucost ${args.join(' ')}`, ours);
    console.log(`  over a bare node: ${((ours.wallS - bare.wallS) * 1_000).toFixed(0)} ms`);
  }
}
