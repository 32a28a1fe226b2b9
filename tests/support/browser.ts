// Chromium for a test file: one browser, a fresh context for each visitor. Every page records what its connection pill
// and lamps say and when, by the page's own clock, so that a bound is measured where a person would see it.

import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { hasTool, toolPath } from '../../scripts/tools.mjs';
import { until } from './until.ts';

/** For `describe.runIf(hasBrowser)`: true under CI too, where a missing Chromium is a failure. */
export const hasBrowser: boolean = hasTool('chromium');
if (!hasBrowser) console.warn('THIS MACHINE HAS NO CHROMIUM: WHAT A PAGE SEES IS NOT PROVED.');

/**
 * What it goes without: what playwright 1.65 switches off, which the switch below takes the place of, and the two pages in its
 * address bar, which nobody sees here and which cost each visitor more of a core than the dashboard does.
 */
const without = [
  'WebUIOmniboxAimPopup',
  'WebUIOmniboxPopup',
  'AimEnabled',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'ThirdPartyStoragePartitioning',
];

/**
 * Starts Chromium, without the sandbox that root has none of and without its talk to the network.
 *
 * @param options `keepsPages`: with the back-forward cache people have, which playwright switches off; `trustedKeys`:
 * certificates whose public keys have these SHA-256 sums are taken; `names`: host rules beside the usual one
 */
export async function launchBrowser(
  options: {
    readonly keepsPages?: boolean;
    readonly trustedKeys?: readonly string[];
    readonly names?: readonly string[];
  } = {},
): Promise<Browser> {
  const executablePath = toolPath('chromium');
  if (executablePath === undefined) throw new Error('found no Chromium: apt-get install chromium');
  return await chromium.launch({
    executablePath,
    ...(options.keepsPages === true && { ignoreDefaultArgs: ['--disable-back-forward-cache'] }),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--disable-features=${without.join(',')}`,
      // Names that are nobody's (RFC 2606) stand for the rest of the web; none of it is reached.
      `--host-resolver-rules=${['MAP *.example 127.0.0.1', ...(options.names ?? [])].join(', ')}`,
      ...(options.trustedKeys === undefined
        ? []
        : [`--ignore-certificate-errors-spki-list=${options.trustedKeys.join(',')}`]),
    ],
  });
}

/** What the page said from a moment on, milliseconds since the epoch. */
export interface Said {
  readonly at: number;
  /** The connection pill. */
  readonly text: string;
  /** The lamps over the overview. */
  readonly lamps: string;
}

/** One person with a browser of their own: cookies, storage, one page. */
export interface Visitor extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Everything the console was told as an error, and every exception nobody caught. */
  readonly faults: readonly string[];
  /** What the pill said, oldest first, each text once in a row. */
  said(): Promise<readonly Said[]>;
  /** Waits until the pill says something like this, at `since` or later, and answers with it. */
  sees(words: RegExp, options?: { since?: number; withinMs?: number }): Promise<Said>;
}

// Runs in the page before anything else does, so it can use nothing from here.
const recorder = (): void => {
  const told: { at: number; text: string; lamps: string }[] = [];
  (window as unknown as { said: typeof told }).said = told;
  const textOf = (selector: string): string =>
    (document.querySelector<HTMLElement>(selector)?.innerText ?? '').replaceAll(/\s+/g, ' ');
  const look = (): void => {
    const text = textOf('[data-testid="connection-pill"] button');
    const lamps = textOf('[aria-label="Lamps"]');
    const last = told.at(-1);
    if (text !== '' && (text !== last?.text || lamps !== last.lamps)) told.push({ at: Date.now(), text, lamps });
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
};

export async function visit(browser: Browser, options: Parameters<Browser['newContext']>[0] = {}): Promise<Visitor> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  await context.addInitScript(recorder);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  const said = (): Promise<readonly Said[]> => page.evaluate(() => (window as unknown as { said?: Said[] }).said ?? []);
  return {
    page,
    context,
    faults,
    said,
    async sees(words, { since = 0, withinMs = 20_000 } = {}) {
      // The last text stands until the next one comes, so it counts even if it was there before.
      const matching = (all: readonly Said[]): Said | undefined =>
        all.find(({ text }, index) => words.test(text) && (all[index + 1]?.at ?? Infinity) > since);
      const all = await until(`the pill to say ${words}`, said, (texts) => matching(texts) !== undefined, withinMs);
      return matching(all) as Said;
    },
    async [Symbol.asyncDispose]() {
      await context.close();
    },
  };
}
