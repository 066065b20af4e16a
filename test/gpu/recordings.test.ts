import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { readRecordedOutput } from '../../src/sample/recording-file.ts';
import { cliCommand, runCli } from '../kit/run-cli.ts';
import { fake, fakePath } from '../sample/fake.ts';

const here = fileURLToPath(new URL('./', import.meta.url));
const hasPython = spawnSync('python3', ['--version']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'gpucost-fixtures-'));
const results = join(folder, 'results');
const out = join(folder, 'out');

/** Stands where workload.py does, and takes three seconds. */
const program = `
import json, sys, time
start = int(time.time() * 1000)
time.sleep(3)
open(sys.argv[sys.argv.index('--out') + 1], 'w').write(json.dumps({'unit': 'tokens', 'count': 20, 'seconds': 3.0,
  'throughput': 20.0, 'toy': True, 'device': 'cpu', 'fromMs': start, 'toMs': int(time.time() * 1000)}))
`;

function python(name: string, ...args: readonly string[]) {
  return spawnSync('python3', [join(here, name), ...args], {
    encoding: 'utf8',
    env: { ...fake('h100x8').env, GPUCOST_NVIDIA_SMI: fakePath, PYTHONDONTWRITEBYTECODE: '1' },
  });
}

const make = (...flags: readonly string[]) =>
  python('recordings.py', results, '--out', out, ...flags);

const text = (path: string): string => {
  const bytes = readFileSync(path);
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
};

const written = (): ReadonlyMap<string, Buffer> =>
  new Map(
    readdirSync(out, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(out, name)).isFile())
      .map((name) => [name, readFileSync(join(out, name))]),
  );

describe.skipIf(!hasPython)('recordings of the proving ground', () => {
  const demo = join(folder, 'demo.txt.gz');
  const run = join(out, 'batch-sweep-4');
  let host = { name: '', key: '' };

  beforeAll(() => {
    const [node, ...args] = cliCommand;
    const gpucost = join(folder, 'gpucost');
    writeFileSync(gpucost, `#!/bin/sh\nexec '${[node, ...args].join("' '")}' "$@"\n`);
    chmodSync(gpucost, 0o755);
    writeFileSync(join(folder, 'program.py'), program);
    const flags = ['--gpucost', gpucost, '--program', join(folder, 'program.py')];
    const ran = python('run.py', 'part1', results, ...flags, '--only', 'batch-sweep-4');
    expect(ran.status, ran.stderr).toBe(0);
    const [session = ''] = readdirSync(join(results, 'batch-sweep-4/home/sessions'));
    const stored = join(results, 'batch-sweep-4/home/sessions', session);
    const [segment = ''] = readdirSync(stored);
    const [header = '{}'] = text(join(stored, segment)).split('\n');
    ({ host } = JSON.parse(header) as { host: typeof host });
  }, 60_000);

  it('refuses what is not of a GPU, and writes nothing', () => {
    const refused = make();
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('batch-sweep-4 is not of a GPU');
    expect(() => written()).toThrow('ENOENT');
  });

  it('refuses more bytes than the limit', () => {
    const refused = make('--synthetic', '--max-bytes', '500');
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/the fixtures take \d+ bytes, expected at most 500/);
    expect(() => written()).toThrow('ENOENT');
  });

  it('writes fixtures that gpucost report and the replay read, the same bytes each time', async () => {
    const made = make('--synthetic', '--demo', 'batch-sweep-4', '--demo-file', demo);
    expect(made.status, made.stderr).toBe(0);
    const first = written();
    expect([...first.keys()].sort()).toEqual(
      ['recording.txt.gz', 'session.jsonl.gz', 'truth.json'].map((n) => `batch-sweep-4/${n}`),
    );
    expect(make('--synthetic').status).toBe(0);
    expect(written()).toEqual(first);
    for (const bytes of first.values()) expect(bytes.length).toBeLessThan(20_000);

    const read = await runCli(['report', join(run, 'session.jsonl.gz'), '--json']);
    expect(read.code, read.stderr).toBe(0);
    expect(JSON.parse(read.stdout)).toMatchObject({ gpus: [{ name: 'NVIDIA H100 80GB HBM3' }] });
    const recorded = readRecordedOutput(readFileSync(demo), demo);
    expect(recorded.ticks.length).toBeGreaterThanOrEqual(2);
    expect(recorded.processes.flatMap(({ rows }) => rows)[0]).toContain('/masked/python, 71080');
  });

  it('marks each file as synthetic, and leaves no name of the host or its cards', () => {
    const texts = [...written().keys()].map((name) => text(join(out, name)));
    for (const content of texts) expect(content).toContain('synthetic');
    const all = texts.join('\n');
    expect(host.name).not.toBe('');
    for (const name of [host.name, host.key, 'GPU-00000100-', '00000000:10:00.0', '/opt/conda']) {
      expect(all).not.toContain(name);
    }
    expect(all).toContain('GPU-a5a5a5a5-0000-4000-8000-000000000001');
    expect(all).toContain('0000AAAA:01:00.0');
  });

  it('names of users, containers and pods are others, equal where they were equal', () => {
    const code = `import json,sys
sys.path.insert(0, ${JSON.stringify(here)})
from masking import Mask
mask = Mask()
owner = {'startedAt': 1, 'user': 'alice', 'uid': 1234, 'container': {'runtime': 'docker', 'id': 'deadbeef0123'},
  'pod': {'uid': 'p-uid', 'namespace': 'secret-team', 'name': None}, 'slurmJob': '77', 'unit': 'user@1234.service'}
line = {'kind': 'processes', 't': 1, 'visible': True, 'processes': [{'gpu': 0, 'pid': n, 'name': 'python', 'memoryMib': 1, 'owner': owner} for n in (1, 2)]}
print(json.dumps([mask.line(line), mask.line({'kind': 'event', 't': 1, 'code': 'warning', 'message': 'alice in /home/alice/run.py on deadbeef0123'})]))`;
    const done = spawnSync('python3', ['-B', '-c', code], { encoding: 'utf8' });
    expect(done.status, done.stderr).toBe(0);
    const owner = {
      startedAt: 1,
      user: 'user1',
      uid: 60001,
      container: { runtime: 'docker', id: '000000000001' },
      pod: { uid: 'pod-1', namespace: 'pod-2', name: null },
      slurmJob: '1',
      unit: 'unit-1.service',
    };
    expect(JSON.parse(done.stdout)).toMatchObject([
      { processes: [{ owner }, { owner }] },
      { message: 'user1 in /masked/run.py on 000000000001' },
    ]);
  });
});
