// A page that nobody looks at for a while: it draws nothing, loses nothing, and draws once what it missed when it is
// shown. A real Chromium and the built hub, with every drawing on a canvas counted.

import type { ServerFrame } from '@telltale/protocol';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, launchBrowser, visit } from './support/browser.ts';
import { startHubProcess, type HubProcess } from './support/hub-process.ts';
import { until } from './support/until.ts';

interface Watched extends Window {
  drawn: number;
  /** On any canvas, shown or not. */
  painted: number;
  hide(isHidden: boolean): void;
}

// A page of a headless browser is never hidden: here it is told so, and gets no frames meanwhile, as a hidden one.
const watch = (): void => {
  const page = window as unknown as Watched;
  page.drawn = 0;
  page.painted = 0;
  const { clearRect } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.clearRect = function (...place) {
    page.painted++;
    // Lines have a canvas of their own, of which the one that is shown gets a copy.
    if (this.canvas.isConnected) page.drawn++;
    return clearRect.apply(this, place);
  };
  let isHidden = false;
  const waiting: FrameRequestCallback[] = [];
  const frame = window.requestAnimationFrame.bind(window);
  const later = (run: FrameRequestCallback): number => frame((time) => (isHidden ? waiting.push(run) : run(time)));
  window.requestAnimationFrame = later;
  Object.defineProperty(document, 'hidden', { get: () => isHidden });
  Object.defineProperty(document, 'visibilityState', { get: () => (isHidden ? 'hidden' : 'visible') });
  page.hide = (next) => {
    isHidden = next;
    document.dispatchEvent(new Event('visibilitychange'));
    if (!next) for (const run of waiting.splice(0)) later(run);
  };
};

const drawn = (page: Page): Promise<number> => page.evaluate(() => (window as unknown as Watched).drawn);
const painted = (page: Page): Promise<number> => page.evaluate(() => (window as unknown as Watched).painted);
const hide = (page: Page, isHidden: boolean): Promise<void> =>
  page.evaluate((next) => (window as unknown as Watched).hide(next), isHidden);

describe.runIf(hasBrowser)('a page that is hidden', () => {
  let browser: Browser;
  let hub: HubProcess;
  beforeAll(async () => {
    browser = await launchBrowser();
    hub = await startHubProcess();
  });
  afterAll(async () => {
    await browser.close();
    await hub[Symbol.asyncDispose]();
  });

  it('draws nothing, and everything at once when it is shown', async () => {
    await using visitor = await visit(browser, { viewport: { width: 1440, height: 900 } });
    const { page } = visitor;
    await page.addInitScript(watch);
    let samples = 0;
    page.on('websocket', (socket) => {
      socket.on('framereceived', ({ payload }) => {
        // The table of all agents tells of samples as well.
        for (const frame of [JSON.parse(String(payload)) as ServerFrame | ServerFrame[]].flat()) {
          if (frame.type === 'messages' && frame.channel === 'metrics/local') {
            samples += frame.messages.filter(({ data }) => Object.hasOwn(data as object, 'intervalMs')).length;
          }
        }
      });
    });
    await page.goto(hub.url);
    await visitor.sees(/Live/);
    await until(
      'charts that draw each second',
      async () => ({ drawings: await drawn(page), canvases: await page.locator('canvas').count() }),
      ({ drawings, canvases }) => drawings > 12 && canvases > 3,
    );

    await hide(page, true);
    const [drawnBefore, paintedBefore, samplesBefore] = [await drawn(page), await painted(page), samples];
    const missed = 8;
    await until(
      `${missed} samples that nobody sees`,
      async () => samples - samplesBefore,
      (count) => count >= missed,
    );
    const charts = await page.locator('canvas').count();
    expect(charts).toBeGreaterThan(3);
    expect((await painted(page)) - paintedBefore).toBe(0);

    await hide(page, false);
    const newest = page.getByRole('slider', { name: 'CPU, crosshair' });
    await until(
      'all that was missed',
      async () => Number(await newest.getAttribute('aria-valuemax')) + 1,
      (count) => count >= samples,
    );
    // Each chart once for all it missed, and once more at most for a sample that came meanwhile; not for each.
    expect((await drawn(page)) - drawnBefore).toBeLessThanOrEqual(3 * charts);
  });
});
