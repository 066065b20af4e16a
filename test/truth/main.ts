import { calibrate, calibrationText } from './calibration.ts';
import { print } from './print.ts';
import { provingGroundFolder } from './proving-runs.ts';
import { runSet, type SetResult } from './run-set.ts';
import { truthSets } from './sets/index.ts';

/**
 * Runs the product over labelled cases and prints what came out. `--quick` leaves the slow sets out; names choose
 * sets. Returns the number of cases in which something was wrong.
 */
export async function main(args: readonly string[]): Promise<number> {
  const isQuick = args.includes('--quick');
  const names = args.filter((arg) => !arg.startsWith('--'));
  for (const name of names) {
    if (truthSets.some(({ id }) => id === name)) continue;
    throw new Error(`no set '${name}': there are ${truthSets.map(({ id }) => id).join(', ')}`);
  }
  const wanted = truthSets.filter(
    ({ id, isSlow }) => (names.length === 0 || names.includes(id)) && !(isQuick && isSlow),
  );
  const results: SetResult[] = [];
  for (const set of wanted) {
    tell(`${set.id}: ${set.missing ?? (set.isSlow ? 'this takes minutes' : set.title)}`);
    const startedAt = performance.now();
    const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
    const onCase = (name: string, left: number) => {
      if (set.isSlow) tell(`  ${seconds()}: ${name}; ${left} to go`);
    };
    const result = await runSet(set, onCase);
    results.push(result);
    tell(`  ${result.cases.length} cases in ${seconds()}`);
  }
  process.stdout.write(print(results));
  if (wanted.some(({ id }) => id === 'proving-ground')) {
    const folder = provingGroundFolder();
    const runs = folder === null ? [] : await calibrate(folder);
    process.stdout.write(`\n== Calibration on the proving ground\n${calibrationText(runs)}\n`);
  }
  return results.flatMap(({ cases }) => cases).filter(({ wrong }) => wrong.length > 0).length;
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}
