import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

// Writes docs/images: the page of the demo's recording in light and dark, as README shows it.
// After `npm run build`, with Debian's chromium: node .tools/screenshots.mjs
const page = join(mkdtempSync(join(tmpdir(), 'gpucost-page-')), 'report.html');
execFileSync(process.execPath, ['bin/gpucost.js', 'demo', '--quiet', '-o', page], {
  // Without nvidia-smi the demo replays its recording; the date fixes the age of the price.
  env: { PATH: '/nowhere', SOURCE_DATE_EPOCH: '1795392000', NO_COLOR: '1' },
});

mkdirSync('docs/images', { recursive: true });
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  chromiumSandbox: false,
  args: ['--no-sandbox', '--disable-gpu'],
});
const width = 1280;
const shots = [
  // The answers, the bill and the findings.
  { colorScheme: 'light', from: 'body', file: 'docs/images/report-light.png', height: 1000 },
  // The timelines.
  {
    colorScheme: 'dark',
    from: '#timeline-section',
    file: 'docs/images/report-dark.png',
    height: 640,
  },
];
for (const { colorScheme, from, file, height } of shots) {
  const context = await browser.newContext({ colorScheme, viewport: { width, height } });
  const opened = await context.newPage();
  await opened.goto(pathToFileURL(page).href);
  // The page draws its charts when it is laid out.
  await opened.setViewportSize({ width, height: 4000 });
  await opened.waitForTimeout(500);
  const box = await opened.locator(from).boundingBox();
  await opened.screenshot({
    path: file,
    clip: { x: 0, y: Math.max(0, box.y - 16), width, height },
  });
  await context.close();
  process.stdout.write(`${file}: ${Math.round(statSync(file).size / 1000)} kB\n`);
}
await browser.close();
