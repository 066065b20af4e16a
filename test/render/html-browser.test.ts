import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderHtml } from '../../src/render/html/render.ts';
import type { Report } from '../../src/report/report.ts';
import { aReport } from '../kit/a-report.ts';
import { withTimeline } from '../kit/a-timeline.ts';
import { hasChromium, openPage, startChromium } from '../kit/chromium.ts';
import { aFullReport } from '../kit/full-report.ts';
import { hostileReport } from '../kit/hostile-report.ts';

const options = { colorLevel: 0, width: 100, unicode: true, verbose: false } as const;

/** Eight GPUs over a week, with as many points as a report holds. */
function aWeek(): Report {
  const end = '2026-11-29T08:00:00.000Z';
  const report = aReport();
  return withTimeline({ ...report, window: { ...report.window, end } }, 4000);
}

const range = (page: Page): Promise<string> => page.locator('#range').innerText();
const utilization = (page: Page, gpu: number): Promise<string | null> =>
  page.locator(`#gpu-${gpu} [data-band="utilizationPct"]`).getAttribute('d');

describe.skipIf(!hasChromium)('the page in Chromium (skipped without /usr/bin/chromium)', () => {
  let browser: Browser;
  let folder: string;
  const fileOf = (name: string, report: Report): string => {
    const path = join(folder, name);
    writeFileSync(path, renderHtml(report, options));
    return pathToFileURL(path).href;
  };
  let url: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gpucost-page-'));
    browser = await startChromium();
    url = fileOf('report.html', aFullReport());
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  it('says nothing on the console and asks for nothing but itself', async () => {
    await using opened = await openPage(browser, url);
    await opened.page.locator('#timeline').scrollIntoViewIfNeeded();
    await opened.page.locator('#gpu-0 svg.chart').hover();
    expect(await opened.page.locator('#gpu-0 .readout').innerText()).toContain('utilization');
    expect(opened.said).toEqual([]);
    expect(opened.requests).toEqual([url]);
  });

  it('zooms to a finding by a click', async () => {
    await using opened = await openPage(browser, url);
    const { page } = opened;
    const whole = '2026-11-22 08:00 – 16:00 UTC (8 h)';
    expect(await range(page)).toBe(whole);
    const before = await utilization(page, 0);
    await page.getByRole('link', { name: '2026-11-22 08:04 – 15:40 UTC' }).click();
    // The interval with 15 % on each side, as far as the window goes.
    expect(await range(page)).toBe('2026-11-22 08:00 – 16:00 UTC (8 h)');
    await page.getByRole('link', { name: '2026-11-22 09:36 – 16:00 UTC' }).click();
    expect(await range(page)).toBe('2026-11-22 08:38:24 – 16:00 UTC (7 h 22 min)');
    await expect.poll(() => page.locator('#gpu-4 .marked').count()).toBe(1);
    expect(await page.locator('#gpu-0 .marked').count()).toBe(0);
    await page.locator('#gpu-0').scrollIntoViewIfNeeded();
    await expect.poll(() => utilization(page, 0)).not.toBe(before);
    await page.getByRole('button', { name: 'All' }).click();
    expect(await range(page)).toBe(whole);
  });

  it('shades a finding on each GPU where it was seen there', async () => {
    const report = aFullReport();
    const [idle, ...others] = report.findings;
    if (idle === undefined) throw new Error('the report has findings');
    const late = [{ start: '2026-11-22T12:00:00.000Z', end: '2026-11-22T16:00:00.000Z' }];
    const gpuIntervals = idle.gpus.map((gpu) => ({
      gpu,
      intervals: gpu === 'g5' ? late : idle.intervals,
    }));
    const path = fileOf('differ.html', {
      ...report,
      findings: [{ ...idle, gpuIntervals }, ...others],
    });
    await using opened = await openPage(browser, path);
    const { page } = opened;
    await page.getByRole('link', { name: '2026-11-22 09:36 – 16:00 UTC' }).click();
    const widthOn = async (gpu: number): Promise<number> => {
      await page.locator(`#gpu-${gpu}`).scrollIntoViewIfNeeded();
      return (await page.locator(`#gpu-${gpu} .marked`).boundingBox())?.width ?? 0;
    };
    await expect.poll(async () => (await widthOn(4)) / (await widthOn(5))).toBeCloseTo(4 / 6.4, 2);
    expect(opened.said).toEqual([]);
  });

  it('names the parts that have room for it, more of them when zoomed', async () => {
    await using opened = await openPage(browser, url);
    const { page } = opened;
    const names = () => page.locator('#gpu-0 .part-name').allTextContents();
    await page.locator('#gpu-0').scrollIntoViewIfNeeded();
    await expect.poll(names).toEqual(['active', 'active', 'paused']);
    const chart = await page.locator('#gpu-0 svg.chart').boundingBox();
    if (chart === null) throw new Error('the chart is not shown');
    await page.mouse.move(chart.x + 1, chart.y + 40);
    await page.mouse.down();
    await page.mouse.move(chart.x + chart.width / 40, chart.y + 40, { steps: 4 });
    await page.mouse.up();
    await expect.poll(names).toEqual(['start-up', 'active']);
  });

  it('does the same by keyboard alone', async () => {
    await using opened = await openPage(browser, url);
    const { page } = opened;
    const zoomed = '2026-11-22 08:38:24 – 16:00 UTC (7 h 22 min)';
    const focused = (): Promise<string> =>
      page.evaluate<string>("document.activeElement?.textContent?.trim().slice(0, 40) ?? ''");
    for (let i = 0; i < 30 && !(await focused()).startsWith('2026-11-22 09:36'); i++) {
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    expect(await range(page)).toBe(zoomed);
    await page.keyboard.press('0');
    expect(await range(page)).toContain('(8 h)');
    await page.keyboard.press('+');
    expect(await range(page)).toContain('(5 h)');
    const left = await range(page);
    await page.keyboard.press('ArrowRight');
    expect(await range(page)).not.toBe(left);
    await page.keyboard.press('Escape');
    expect(await range(page)).toContain('(8 h)');
    await page.getByRole('combobox', { name: 'Finding' }).selectOption({ index: 1 });
    expect(await range(page)).toBe(zoomed);
  });

  it('zooms to what is dragged over', async () => {
    await using opened = await openPage(browser, url);
    const { page } = opened;
    const chart = page.locator('#gpu-1 svg.chart');
    await chart.scrollIntoViewIfNeeded();
    const box = await chart.boundingBox();
    if (box === null) throw new Error('the chart is not shown');
    await page.mouse.move(box.x + box.width / 4, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + 40, { steps: 4 });
    await page.mouse.up();
    expect(await range(page)).toMatch(
      /^2026-11-22 (?:10:00|09:59:\d\d) – 12:00(?::\d\d)? UTC \(2 h\)$/,
    );
    await chart.dblclick();
    expect(await range(page)).toContain('(8 h)');
  });

  it('runs nothing that a name says, nor a script that got in', async () => {
    await using opened = await openPage(browser, fileOf('hostile.html', hostileReport()));
    const { page } = opened;
    await page.getByRole('link', { name: /09:36/ }).click();
    expect(await page.evaluate<unknown>('window.pwned')).toBeUndefined();
    expect(opened.said).toEqual([]);
    const failures: (string | undefined)[] = [];
    page.on('requestfailed', (request) => failures.push(request.failure()?.errorText));
    await page.evaluate(`
      const script = document.createElement('script');
      script.textContent = 'window.pwned = 1';
      const image = document.createElement('img');
      image.setAttribute('onerror', 'window.pwned = 1');
      image.src = 'https://example.invalid/x.png';
      document.body.append(script, image);
    `);
    await expect.poll(() => opened.said.length).toBeGreaterThanOrEqual(2);
    expect(await page.evaluate<unknown>('window.pwned')).toBeUndefined();
    expect(opened.said.join()).toContain('Content Security Policy');
    expect(failures).toEqual(['csp']);
  });

  it('reads without scripts: tables, and a picture of each timeline', async () => {
    await using opened = await openPage(browser, url, { javaScriptEnabled: false });
    const { page } = opened;
    expect(await page.getByRole('img', { name: /^Timeline of GPU 0/ }).isVisible()).toBe(true);
    expect(await utilization(page, 0)).toMatch(/^M0 /);
    expect(await page.getByRole('row', { name: /^billed/ }).innerText()).toContain('$440.32');
    expect(await page.locator('#toolbar').isVisible()).toBe(false);
    await page.getByRole('link', { name: '2026-11-22 09:36 – 16:00 UTC' }).click();
    expect(page.url()).toBe(`${url}#gpu-4`);
  });

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 360],
  ] as const)('axe finds nothing serious: %s, %i px', async (colorScheme, width) => {
    await using opened = await openPage(browser, url, {
      colorScheme,
      viewport: { width, height: 800 },
    });
    await opened.page.evaluate(axe.source);
    const result = await opened.page.evaluate<axe.AxeResults>('axe.run()');
    expect(result.passes.length).toBeGreaterThan(10);
    const found = result.violations.map(({ id, impact, nodes }) => ({
      id,
      impact,
      where: nodes.map(({ html }) => html),
    }));
    expect(found).toEqual([]);
  });

  it('never scrolls sideways, from a phone to 4K', async () => {
    await using opened = await openPage(browser, url);
    for (const width of [360, 768, 1280, 3840]) {
      await opened.page.setViewportSize({ width, height: 800 });
      const scroll = await opened.page.evaluate<number>('document.documentElement.scrollWidth');
      expect(scroll).toBeLessThanOrEqual(width);
    }
  });

  it('opens a week of eight GPUs at once, in less than 5 MB', async () => {
    const report = aWeek();
    expect(Buffer.byteLength(renderHtml(report, options))).toBeLessThan(5_000_000);
    const week = fileOf('week.html', report);
    const loadMs = async (): Promise<number> => {
      await using opened = await openPage(browser, week);
      return await opened.page.evaluate<number>(
        "performance.getEntriesByType('navigation')[0].loadEventEnd",
      );
    };
    // The better of two: the machine has other work, too.
    expect(Math.min(await loadMs(), await loadMs())).toBeLessThan(2000);
  });
});
