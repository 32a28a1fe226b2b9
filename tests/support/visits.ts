// Chromium as the pages of the zoo have it: one browser, few contexts that many pages share, the client in every page
// before the page itself, and pages at addresses where nobody serves one.

import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { rolldown } from 'rolldown';
import type { Asked, Told } from '../pages/diagnose-page.ts';
import type { Seen } from '../zoo/symptoms.ts';
import type { Visit } from '../zoo/visit.ts';

/** Sockets that fail are held back by the process of their page, so that no context serves more visits than this. */
const visitsPerContext = 9;

export interface Visitors {
  /** Lets a page that lies there examine its connection. */
  see(visit: Visit): Promise<Seen>;
}

export async function clientScript(): Promise<string> {
  const bundle = await rolldown({
    input: fileURLToPath(new URL('../pages/diagnose-page.ts', import.meta.url)),
    platform: 'browser',
    resolve: { conditionNames: ['telltale-source', 'import', 'browser'] },
    logLevel: 'silent',
  });
  const { output } = await bundle.generate({ format: 'iife', codeSplitting: false });
  await bundle.close();
  return output[0].code;
}

/** One page, which may lie here and there one after the other. */
interface Booth {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the console was told of sockets, as errors. */
  readonly console: string[];
  at: string;
  visits: number;
}

/** What the browser says of sockets, and not that the page itself gave one up. */
const ofSockets = /WebSocket|\bwss?:/;
const ofThePage = 'WebSocket is closed before the connection is established';

/** Public pages that nobody serves. */
const unserved = /^https?:\/\/[a-z]+\.example\.com\/$/;

export function createVisitors(browser: Browser, script: string): Visitors {
  const free: Booth[] = [];

  async function newBooth({ isKeptFar, script: more, proxy }: Partial<Visit>): Promise<Booth> {
    const context = await browser.newContext(proxy === undefined ? {} : { proxy: { server: proxy } });
    if (isKeptFar !== true) await context.grantPermissions(['local-network-access']);
    await context.route(unserved, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><p>' }));
    await context.addInitScript(script);
    if (more !== undefined) await context.addInitScript(more);
    const page = await context.newPage();
    const lines: string[] = [];
    page.on('console', (message) => {
      const text = message.text();
      if (message.type() === 'error' && ofSockets.test(text) && !text.includes(ofThePage)) {
        // An address may hold a credential.
        lines.push(text.replaceAll(/\?[^\s']*/g, ''));
      }
    });
    return { context, page, console: lines, at: '', visits: 0 };
  }
  async function look(booth: Booth, { at, isOffline, options, ends }: Visit): Promise<Seen> {
    const { page, context } = booth;
    booth.console.length = 0;
    if (booth.at !== at) await page.goto(at);
    booth.at = at;
    if (isOffline === true) await context.setOffline(true);
    const asked: Asked = { options, ...(ends !== undefined && { ends }) };
    const told = await page.evaluate(
      (what) => (window as unknown as { diagnoseFor(asked: Asked): Promise<Told> }).diagnoseFor(what),
      asked,
    );
    return { ...told, console: [...booth.console] };
  }
  /** The page that lies there already, else any, else a new one. */
  async function take(at: string): Promise<Booth> {
    const index = free.findIndex((booth) => booth.at === at);
    return free.splice(Math.max(index, 0), 1)[0] ?? (await newBooth({}));
  }

  return {
    async see(visit) {
      // What changes a context, or fails in it on purpose, has one of its own.
      const { isOffline, isKeptFar, script: more, proxy, ends = 0 } = visit;
      const isAlone = isOffline ?? isKeptFar ?? (more !== undefined || proxy !== undefined || ends > 3);
      const booth = isAlone ? await newBooth(visit) : await take(visit.at);
      try {
        return await look(booth, visit);
      } finally {
        booth.visits += 1 + ends;
        if (!isAlone && booth.visits < visitsPerContext) free.push(booth);
        else await booth.context.close();
      }
    },
  };
}
