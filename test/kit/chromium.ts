import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** Debian's package `chromium`. */
const chromiumPath = '/usr/bin/chromium';

export const hasChromium = existsSync(chromiumPath);

export function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    chromiumSandbox: false,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** An open page, and what it said and asked for since. */
export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  /** Console messages of any kind, exceptions, and refusals by the content security policy. */
  readonly said: readonly string[];
  readonly requests: readonly string[];
}

export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const said: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(error.message));
  context.on('request', (request) => requests.push(request.url()));
  await page.goto(url);
  return { page, said, requests, [Symbol.asyncDispose]: () => context.close() };
}
