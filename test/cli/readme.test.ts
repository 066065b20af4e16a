import { existsSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runCli } from '../kit/run-cli.ts';

const root = new URL('../../', import.meta.url);
const path = fileURLToPath(new URL('README.md', root));

describe.skipIf(!existsSync(path))('README', () => {
  const readme = existsSync(path) ? readFileSync(path, 'utf8') : '';

  it('shows how the output of the demo begins today', async () => {
    const [, shown = 'no block of the demo'] =
      /```text\n(No nvidia-smi on this host[^]*?)```/.exec(readme) ?? [];
    const { stdout, stderr } = await runCli(['demo'], {
      env: { PATH: '/nowhere', SOURCE_DATE_EPOCH: '1795392000', COLUMNS: '100' },
    });
    const [said, answer = ''] = shown.split('\n\ndemo recording');
    expect(stderr).toContain(said);
    expect(stdout.startsWith(`demo recording${answer}`), shown).toBe(true);
  });

  it('has its pictures, each with a text and below 250 kB', () => {
    const pictures = [...readme.matchAll(/!\[([^\]]*)\]\((docs\/images\/[\w-]+\.png)\)/g)];
    expect(pictures).toHaveLength(2);
    for (const [, text, file = ''] of pictures) {
      expect(text?.length).toBeGreaterThan(40);
      expect(statSync(new URL(file, root)).size).toBeLessThan(250_000);
    }
  });
});
