import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { cliCommand } from '../kit/run-cli.ts';
import { fake, fakePath } from '../sample/fake.ts';

const here = fileURLToPath(new URL('./', import.meta.url));
const hasPython = spawnSync('python3', ['--version']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'gpucost-proving-'));

/** Stands where workload.py does: sleeps, and writes what a workload would, with a throughput that follows its knob. */
const program = `
import json, sys, time
args = sys.argv
start = int(time.time() * 1000)
time.sleep(2)
if args[2] == '2': sys.exit(5)
open(args[args.index('--out') + 1], 'w').write(json.dumps({'unit': 'tokens', 'count': int(args[2]) * 10, 'seconds': 2.0,
  'throughput': int(args[2]) * 5.0, 'toy': True, 'device': 'cpu', 'fromMs': start, 'toMs': int(time.time() * 1000)}))
`;

function python(name: string, ...args: readonly string[]) {
  return spawnSync('python3', [join(here, name), ...args], {
    encoding: 'utf8',
    env: { ...fake('h100x8').env, GPUCOST_NVIDIA_SMI: fakePath, PYTHONDONTWRITEBYTECODE: '1' },
  });
}

describe.skipIf(!hasPython)('the proving ground, on the fake', () => {
  const results = join(folder, 'results');
  beforeAll(() => {
    const gpucost = join(folder, 'gpucost');
    writeFileSync(
      gpucost,
      `#!/bin/sh\nexec ${cliCommand.map((word) => `'${word}'`).join(' ')} "$@"\n`,
    );
    chmodSync(gpucost, 0o755);
    writeFileSync(join(folder, 'program.py'), program);
    const only = 'batch-sweep-1,batch-sweep-2,batch-sweep-4';
    const run = python(
      'run.py',
      'part1',
      results,
      '--gpucost',
      gpucost,
      '--program',
      join(folder, 'program.py'),
      '--only',
      only,
    );
    expect(run.status, run.stderr).toBe(1);
    expect(run.stdout).toContain('batch-sweep-4: done');
  });

  const truth = (name: string): unknown =>
    JSON.parse(readFileSync(join(results, name, 'truth.json'), 'utf8'));

  it('leaves truth, report and session of each run, and the share of the best throughput', () => {
    expect(truth('batch-sweep-4')).toMatchObject({
      outcome: 'done',
      throughput: 20,
      shareOfBest: 1,
    });
    expect(truth('batch-sweep-1')).toMatchObject({
      outcome: 'done',
      throughput: 5,
      shareOfBest: 0.25,
    });
    for (const left of ['report.json', 'window.json', 'home/sessions']) {
      expect(existsSync(join(results, 'batch-sweep-4', left))).toBe(true);
    }
  });

  it('a workload that fails has no throughput and no share', () => {
    expect(truth('batch-sweep-2')).toMatchObject({
      outcome: 'failed: exit 5, see said.txt',
      shareOfBest: null,
      gpmActivity: null,
    });
  });

  it('a run that hangs is ended with all its processes, and so is the time of a part', () => {
    const hanging = join(folder, 'hanging.py');
    writeFileSync(hanging, "import subprocess\nsubprocess.run(['sleep', '654.321'])\n");
    const limited = join(folder, 'limited');
    const flags = ['--gpucost', join(folder, 'gpucost'), '--program', hanging, '--limit', '38'];
    const short = ['--warmup', '0', '--seconds', '1', '--only', 'batch-sweep-4,batch-sweep-8'];
    const startedAt = performance.now();
    const run = python('run.py', 'part1', limited, ...flags, ...short);
    expect(run.status).toBe(1);
    expect(performance.now() - startedAt).toBeLessThan(38_000);
    expect(run.stdout).toMatch(/batch-sweep-8: failed: still running after \d+ s/);
    expect(run.stdout).toContain("batch-sweep-4: left out, the part's time is over");
    expect(spawnSync('pgrep', ['-f', 'sleep 654.321']).stdout.toString()).toBe('');
  }, 60_000);

  it('the table names what was a dry run and what is unknown', () => {
    const table = python('table.py', results);
    expect(table.status, table.stderr).toBe(0);
    expect(table.stdout).toContain('no figure here says anything of a GPU');
    expect(table.stdout).toMatch(/\| batch-sweep \| 2 \|.*\| unknown \|/);
    const nothing = python('table.py', folder);
    expect(nothing.status).toBe(1);
    expect(nothing.stderr).toContain('has no run');
  });

  it('settles the driver facts that the fake can answer', () => {
    const facts = python('driver_facts.py', results, '--quick', '--no-job', '--no-user');
    expect(facts.status, facts.stderr).toBe(0);
    const found: unknown = JSON.parse(readFileSync(join(results, 'driver-facts.json'), 'utf8'));
    expect(found).toMatchObject({
      pids: { listed: 7, ours: 0 },
      slowdown: null,
      gpm: { once: { exit: 0 } },
    });
    expect(readFileSync(join(results, 'driver-facts.md'), 'utf8')).toContain('| dmon in a pipe |');
  }, 180_000);

  it('every script is valid Python, and every run of the plan has a workload', () => {
    const check = `import ast,sys,re;sys.path.insert(0,'.');from plan import PARTS
text=open('workload.py').read()
[ast.parse(open(f).read()) for f in ('workload.py','models.py','feeding.py','shapes.py','timing.py')]
runs=[r for p in PARTS.values() for r in p]
assert len({r.name for r in runs})==len(runs)
assert all('"%s"'%r.workload in text for r in runs)
assert all(len(p)*40<=600 for p in PARTS.values())`;
    execFileSync('python3', ['-B', '-c', check], { cwd: here });
  });
});
