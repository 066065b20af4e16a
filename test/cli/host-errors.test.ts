import { expect, it } from 'vitest';
import { runCli, survivors } from '../kit/run-cli.ts';
import { fake, fakePath } from '../sample/fake.ts';

it('without nvidia-smi ends with 3 and says what can be done', async () => {
  const { code, stdout, stderr } = await runCli(['watch', '-d', '1s'], {
    env: { PATH: '/nowhere' },
  });
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  expect(stderr).toContain('nvidia-smi was not found');
  expect(stderr).toContain('gpucost demo');
});

it('with a wrong GPUCOST_NVIDIA_SMI names it', async () => {
  const { code, stderr } = await runCli(['watch'], { env: { GPUCOST_NVIDIA_SMI: '/nowhere/smi' } });
  expect(code).toBe(3);
  expect(stderr).toContain('/nowhere/smi');
});

it("with a failing driver ends with 3 and nvidia-smi's own words", async () => {
  const words = "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.";
  const run = fake('t4', { FAKE_FAIL_CODE: '9', FAKE_FAIL_MESSAGE: words });
  const { code, stdout, stderr } = await runCli(['watch', '--no-network'], {
    env: { ...run.env, GPUCOST_NVIDIA_SMI: fakePath },
  });
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  expect(stderr).toContain(words);
  expect(await survivors(run, 2000)).toEqual([]);
});

it('interrupted before the first sample ends with 3', async () => {
  const run = fake('t4', { FAKE_FIRST_ROW_MS: '20000' });
  const { code, stderr } = await runCli(['watch', '--no-network'], {
    env: { ...run.env, GPUCOST_NVIDIA_SMI: fakePath },
    onStart: (child) => setTimeout(() => child.kill('SIGINT'), 3000),
  });
  expect(code).toBe(3);
  expect(stderr).toContain('before the first sample');
  expect(await survivors(run, 2000)).toEqual([]);
});
