// How busy a page's main thread is, by DevTools. Seconds the thread had of a processor, not seconds on the clock: beside
// other work on the same cores only the first tells what the page costs.

import type { CDPSession, Page } from 'playwright-core';

export interface MainThread {
  /** Shares of the time since the last call, in per cent. */
  busy(): Promise<Busy>;
}

export interface Busy {
  readonly seconds: number;
  /** Everything: scripts, styles, layout, painting, the collector. */
  readonly task: number;
  readonly script: number;
  readonly layout: number;
  readonly style: number;
}

const names = {
  task: 'TaskDuration',
  script: 'ScriptDuration',
  layout: 'LayoutDuration',
  style: 'RecalcStyleDuration',
};

export async function watchMainThread(page: Page): Promise<MainThread> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  let last = { at: performance.now(), ...(await read(devtools)) };
  return {
    async busy() {
      const now = { at: performance.now(), ...(await read(devtools)) };
      const seconds = (now.at - last.at) / 1_000;
      const share = (key: keyof typeof names): number => ((now[key] - last[key]) / seconds) * 100;
      const busy = {
        seconds,
        task: share('task'),
        script: share('script'),
        layout: share('layout'),
        style: share('style'),
      };
      last = now;
      return busy;
    },
  };
}

async function read(devtools: CDPSession): Promise<Record<keyof typeof names, number>> {
  const { metrics } = await devtools.send('Performance.getMetrics');
  const of = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? 0;
  return { task: of(names.task), script: of(names.script), layout: of(names.layout), style: of(names.style) };
}

/** `7.1 % (scripts 5.0, layout 0.4, styles 0.3)`. */
export function busyWords({ task, script, layout, style }: Busy): string {
  return `${task.toFixed(1)} % (scripts ${script.toFixed(1)}, layout ${layout.toFixed(1)}, styles ${style.toFixed(1)})`;
}
