import { spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { reportSchema } from '../../src/report/schema.ts';
import { githubServer } from '../kit/github-server.ts';
import { cliCommand, freshHome, runCli } from '../kit/run-cli.ts';
import { fake, fakePath } from '../sample/fake.ts';

const path = fileURLToPath(new URL('../../docs/examples/github-workflow.yml', import.meta.url));
const workflow = z
  .object({
    jobs: z.object({
      train: z.object({
        steps: z.array(
          z.object({
            name: z.string().optional(),
            run: z.string().optional(),
            env: z.record(z.string(), z.string()).optional(),
          }),
        ),
      }),
    }),
  })
  .parse(parse(readFileSync(path, 'utf8')));

const sandbox = mkdtempSync(join(tmpdir(), 'gpucost-workflow-'));
const golden = fileURLToPath(new URL('../golden/report-h100x8.json', import.meta.url));
let server: Awaited<ReturnType<typeof githubServer>>;

beforeAll(async () => {
  server = await githubServer([{ id: 1, body: 'a person' }]);
  mkdirSync(join(sandbox, 'bin'));
  const script = (name: string, text: string): void => {
    writeFileSync(join(sandbox, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(sandbox, name), 0o755);
  };
  script('bin/gpucost', `exec "${cliCommand.join('" "')}" "$@"`);
  script('train.sh', 'sleep 2');
  writeFileSync(
    join(sandbox, 'event.json'),
    JSON.stringify({ action: 'opened', pull_request: { number: 7 } }),
  );
  copyFileSync(golden, join(sandbox, 'golden.json'));
});
afterAll(() => server.close());

const environment = (): NodeJS.ProcessEnv => ({
  GITHUB_API_URL: server.url,
  GITHUB_REPOSITORY: 'me/it',
  GITHUB_EVENT_NAME: 'pull_request',
  GITHUB_EVENT_PATH: join(sandbox, 'event.json'),
});

/** As a runner does: `bash -e -o pipefail`, with the expressions of the step's env filled in. */
function runStep(
  step: (typeof workflow.jobs.train.steps)[number],
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const own = Object.fromEntries(
    Object.entries(step.env ?? {}).map(([name, value]) => [
      name,
      value.replace('${{ github.token }}', 'ghs_secret'),
    ]),
  );
  const child = spawn('bash', ['-e', '-o', 'pipefail', '-c', step.run ?? ''], {
    cwd: sandbox,
    env: {
      ...process.env,
      ...env,
      ...own,
      PATH: `${join(sandbox, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`,
    },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

it('the example workflow runs, step by step', async () => {
  const env = {
    ...environment(),
    ...fake('t4').env,
    GPUCOST_NVIDIA_SMI: fakePath,
    GPUCOST_HOME: freshHome(),
    GITHUB_STEP_SUMMARY: join(sandbox, 'summary.md'),
  };
  const steps = workflow.jobs.train.steps.filter(({ run }) => run !== undefined);
  expect(steps).toHaveLength(4);
  for (const step of steps) {
    const { code, stderr, stdout } = await runStep(step, env);
    expect(code, `${step.name}: ${stderr}`).toBe(0);
    expect(stdout + stderr).not.toContain('ghs_secret');
    // Two seconds are no evidence for a gate.
    if (step.run?.includes('--format github')) {
      expect(stdout).toMatch(/^::notice title=gpucost max-waste::gate max-waste: not judged/m);
    }
  }
  for (const file of ['watched.json', 'report.json', 'report.html', 'gpucost.xml']) {
    expect(existsSync(join(sandbox, file)), file).toBe(true);
  }
  reportSchema.parse(JSON.parse(readFileSync(join(sandbox, 'report.json'), 'utf8')));
  const markdown = readFileSync(join(sandbox, 'report.md'), 'utf8');
  expect(readFileSync(join(sandbox, 'summary.md'), 'utf8')).toBe(markdown);
  expect(server.comments).toMatchObject([
    { id: 1, body: 'a person' },
    { id: 1001, body: markdown },
  ]);
});

describe('comment github', () => {
  const comment = (env: NodeJS.ProcessEnv, ...flags: string[]) =>
    runCli(['comment', 'github', 'golden.json', ...flags], {
      cwd: sandbox,
      env: { ...environment(), GITHUB_TOKEN: 'ghs_secret', GITHUB_REF: '', ...env },
    });

  it.each([403, 404])('a fork’s token (%i) is a warning', async (status) => {
    server.failures.push({ status, message: 'Resource not accessible by integration' });
    const { code, stderr } = await comment({});
    expect(code).toBe(0);
    expect(stderr).toContain('warning: the token may not comment on me/it#7');
    expect(stderr).not.toContain('ghs_secret');
  });

  it('a run of no pull request says so', async () => {
    writeFileSync(join(sandbox, 'push.json'), '{"ref":"refs/heads/main"}');
    const { code, stderr } = await comment({
      GITHUB_EVENT_NAME: 'push',
      GITHUB_EVENT_PATH: join(sandbox, 'push.json'),
    });
    expect(code).toBe(0);
    expect(stderr).toContain('no pull request to comment on (event: push)');
  });

  it('--dry-run prints the comment and asks nobody', async () => {
    const before = server.requests.length;
    const { code, stdout } = await comment({ GITHUB_TOKEN: '' }, '--dry-run');
    expect(code).toBe(0);
    expect(stdout.startsWith('<!-- gpucost:report -->\n')).toBe(true);
    expect(server.requests).toHaveLength(before);
  });

  it('the pull request comes from the ref or the flag too', async () => {
    const ref = { GITHUB_EVENT_PATH: '', GITHUB_REF: 'refs/pull/12/merge' };
    expect((await comment(ref)).stderr).toContain('on me/it#12');
    expect((await comment(ref, '--pr', '13', '--repo', 'you/that')).stderr).toContain(
      'on you/that#13',
    );
  });

  it.each([
    ['no token', { GITHUB_TOKEN: '' }, [], 'GITHUB_TOKEN is not set'],
    ['no repository', { GITHUB_REPOSITORY: '' }, [], '--repo owner/name'],
    ['a bad repository', {}, ['--repo', 'it'], 'expects owner/name'],
    ['another behavior', {}, ['--behavior', 'append'], 'delete-and-new'],
    ['no event', { GITHUB_EVENT_PATH: '/nowhere.json' }, [], '/nowhere.json'],
  ])('%s ends with 2', async (_name, env, flags, message) => {
    const { code, stderr } = await comment(env, ...flags);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it('a file that is no report ends with 2', async () => {
    const { code, stderr } = await runCli(['comment', 'github', 'event.json'], { cwd: sandbox });
    expect(code).toBe(2);
    expect(stderr).toContain('no report of schema gpucost.report/1');
  });
});
