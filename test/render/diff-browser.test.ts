import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Diff } from '../../src/diff/verdict.ts';
import { renderDiffHtml } from '../../src/render/diff/html.ts';
import { aDiff } from '../kit/a-diff.ts';
import { hasChromium, openPage, startChromium } from '../kit/chromium.ts';

const evil = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script> 学習用🚀 '.repeat(
  3,
);

function hostileDiff(): Diff {
  const base = aDiff();
  return {
    ...base,
    before: { ...base.before, name: evil, gpus: evil, machines: evil },
    findings: base.findings.map((finding) => ({ ...finding, title: evil, reason: evil })),
    notCompared: [evil],
  };
}

describe.skipIf(!hasChromium)(
  'a comparison in Chromium (skipped without /usr/bin/chromium)',
  () => {
    let browser: Browser;
    let folder: string;
    const fileOf = (name: string, diff: Diff): string => {
      const path = join(folder, name);
      writeFileSync(path, renderDiffHtml(diff));
      return pathToFileURL(path).href;
    };
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'gpucost-diff-page-'));
      browser = await startChromium();
    });
    afterAll(async () => {
      await browser.close();
      rmSync(folder, { recursive: true });
    });

    it('says what changed, nothing on the console, and asks for nothing but itself', async () => {
      const url = fileOf('diff.html', aDiff());
      await using opened = await openPage(browser, url);
      const { page } = opened;
      expect(await page.getByRole('heading', { level: 1 }).innerText()).toContain('12 % more');
      expect(await page.getByRole('list', { name: 'Gates' }).isVisible()).toBe(true);
      const waiting = page.getByRole('row', { name: /^waiting/ }).first();
      expect(await waiting.innerText()).toContain('points');
      expect(opened.said).toEqual([]);
      expect(opened.requests).toEqual([url]);
    });

    it('runs nothing that a name says, nor a script that got in', async () => {
      await using opened = await openPage(browser, fileOf('hostile.html', hostileDiff()));
      const { page } = opened;
      expect(opened.said).toEqual([]);
      await page.evaluate(`
      const script = document.createElement('script');
      script.textContent = 'window.pwned = 1';
      document.body.append(script);
    `);
      await expect.poll(() => opened.said.join()).toContain('Content Security Policy');
      expect(await page.evaluate<unknown>('window.pwned')).toBeUndefined();
    });

    it.each([360, 768, 1280, 3840])('never scrolls sideways at %i px', async (width) => {
      for (const diff of [aDiff(), hostileDiff()]) {
        await using opened = await openPage(browser, fileOf(`at-${width}.html`, diff), {
          viewport: { width, height: 800 },
        });
        const scroll = await opened.page.evaluate<number>('document.documentElement.scrollWidth');
        expect(scroll).toBeLessThanOrEqual(width);
      }
    });

    it.each([
      ['light', 1280],
      ['dark', 1280],
      ['light', 360],
    ] as const)('axe finds nothing: %s, %i px', async (colorScheme, width) => {
      await using opened = await openPage(browser, fileOf('axe.html', aDiff()), {
        colorScheme,
        viewport: { width, height: 800 },
      });
      await opened.page.evaluate(axe.source);
      const result = await opened.page.evaluate<axe.AxeResults>('axe.run()');
      expect(result.passes.length).toBeGreaterThan(10);
      expect(result.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual(
        [],
      );
    });
  },
);
