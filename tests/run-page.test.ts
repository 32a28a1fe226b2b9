// What a person sees of a run: everything it has printed and all that comes, each line once and in order, whatever happens
// to the line, the hub or the view; and its end by their own hand. A real Chromium, a hub that is killed, runs that report
// by plain frames.

import type { RunEvent } from '@telltale/agent/run-events';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isLongRun } from '../packages/gateway/src/testing/random.ts';
import { adminOf } from './support/agents.ts';
import { barriers } from './support/barriers.ts';
import { hasBrowser, launchBrowser, visit, type Visitor } from './support/browser.ts';
import { startHubProcess, testPassword, type HubProcess } from './support/hub-process.ts';
import { focused, tabTo } from './support/keys.ts';
import { copyToEnd, readDown, rowsIn, scrollToStart, type Row } from './support/output-page.ts';
import { startPlainAgent, type PlainAgent } from './support/plain-agents.ts';
import { startPlainRun, type PlainRun } from './support/plain-run.ts';
import { until } from './support/until.ts';

/** What the long output has printed when somebody opens it, and when it has ended. */
const printed = isLongRun ? 20_000 : 5_000;
const all = printed + 2_000;
const machine = 'machine-of-web-1-0123';
const runId = (name: string): string => name.padEnd(24, '0');
const line = (text: string, more: object = {}): RunEvent => ({ type: 'line', at: Date.now(), text, ...more });
const lines = (from: number, to: number): readonly RunEvent[] =>
  Array.from({ length: to - from + 1 }, (_, index) => line(`\u001B[2mpart\u001B[0m ${from + index} of many`));

describe.runIf(hasBrowser)('a run', () => {
  let browser: Browser;
  let hub: HubProcess;
  let agent: PlainAgent;
  let visitor: Visitor;
  let page: Page;
  const runs: PlainRun[] = [];

  async function beginAt(at: number, name: string, ...events: readonly RunEvent[]): Promise<PlainRun> {
    const run = await startPlainRun(hub.url, agent, { run: runId(name), name, machine });
    runs.push(run);
    await run.say({ type: 'started', at, name, command: `./${name}.sh --verify`, by: 'cron' }, ...events);
    return run;
  }
  const begin = (name: string, ...events: readonly RunEvent[]): Promise<PlainRun> =>
    beginAt(Date.now(), name, ...events);
  const output = (): Locator => page.getByRole('log');
  const rowsSeen = (): Promise<readonly Row[]> => rowsIn(output());
  const open = async (name: string): Promise<void> => {
    await page.goto(`${hub.url}/runs/${runId(name)}`);
    await output().waitFor();
  };
  const lastSeen = async (): Promise<number> => (await rowsSeen()).at(-1)?.[0] ?? 0;

  beforeAll(async () => {
    [browser, hub] = await Promise.all([
      launchBrowser(),
      startHubProcess({ env: { TELLTALE_ADMIN_PASSWORD: testPassword } }),
    ]);
    const { token } = await (await adminOf(hub)).enrol('web-1');
    agent = await startPlainAgent({ url: hub.url, agent: 'web-1', enrolment: token, machine });
    visitor = await visit(browser, { reducedMotion: 'reduce' });
    page = visitor.page;
    await page.goto(`${hub.url}/sign-in`);
    await page.getByLabel('User').fill('admin');
    await page.getByLabel('Password').fill(testPassword);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await visitor.sees(/Live/);
  });
  beforeEach(() => page.setViewportSize({ width: 1280, height: 900 }));
  afterAll(async () => {
    for (const run of runs) run[Symbol.dispose]();
    agent[Symbol.dispose]();
    await visitor.context.close();
    await Promise.all([hub[Symbol.asyncDispose](), browser.close()]);
  });

  it('shows all it printed and goes on, each line once and in order, while the hub is killed and comes back', async () => {
    const run = await begin('flood', ...lines(1, printed));
    await open('flood');
    await until('the newest line', lastSeen, (number) => number === printed);
    const said = run.say(...lines(printed + 1, all));
    await until('lines that are new', lastSeen, (number) => number > printed + 100);
    await hub.kill9();
    await hub.restart();
    await said;
    await run.say({ type: 'ended', at: Date.now(), outcome: 'succeeded', exitCode: 0 });
    await page.getByText('Ended.').waitFor();
    await until('the last line', lastSeen, (number) => number === all);
    await page.getByText(new RegExp(`^${all / 1_000}\\s000 lines$`)).waitFor();

    // Back to the first line by scrolling alone, and down again with all of it selected.
    await scrollToStart(output());
    const top = await readDown(output(), 5);
    expect(top.length).toBeGreaterThan(150);
    expect(top).toEqual(top.map((_, index) => [index + 1, `part ${index + 1} of many`]));
    await scrollToStart(output());
    const copied = await copyToEnd(output());
    expect(copied.split('\n')).toEqual(Array.from({ length: all }, (_, index) => `part ${index + 1} of many`));
  });

  it('is looked through, also where its older output is not here yet', async () => {
    await open('flood');
    await until('the newest line', lastSeen, (number) => number === all);
    await page.keyboard.press('Control+f');
    await page.keyboard.type(`PART ${all / 100 - 1}`);
    const found = page.getByRole('group', { name: 'Found' });
    await found.getByText('100 lines').waitFor();
    await page.keyboard.press('Enter');
    await found.getByText('1 of 100', { exact: true }).waitFor();
    await page.locator('[data-current="true"] mark').first().waitFor();
    await page.keyboard.press('Shift+Enter');
    await found.getByText('100 of 100').waitFor();
    await page.getByRole('searchbox').fill('part 100 of');
    await found.getByText('Not found').waitFor();
    await page.getByRole('button', { name: 'Search it too' }).click();
    await found.getByText('1 line', { exact: true }).waitFor();
    await page.getByRole('searchbox').press('Enter');
    await until('the line', rowsSeen, (rows) => rows.some(([number]) => number === 100));
    expect(await page.getByText('Older output is not searched').count()).toBe(0);
  });

  it('jumps to its first line and back, and opens what is between', async () => {
    await open('flood');
    await until('the newest line', lastSeen, (number) => number === all);
    await output().focus();
    await page.keyboard.press('Home');
    await until('the first line', rowsSeen, (rows) => rows[0]?.[0] === 1);
    await page.keyboard.press('End');
    await until('the newest line', lastSeen, (number) => number === all);
    await page.keyboard.press('Home');
    await until('the first line', rowsSeen, (rows) => rows[0]?.[0] === 1);
    // The hole stands behind the first page of lines.
    const hole = page.getByRole('note').filter({ hasText: 'lines skipped' });
    await until(
      'the hole',
      async () => {
        await output().evaluate((log) => log.scrollBy({ top: log.clientHeight }));
        return await hole.count();
      },
      (count) => count > 0,
    );
    const before = await hole.innerText();
    await page.getByRole('button', { name: 'Show them' }).click();
    await until('lines that were in the hole', rowsSeen, (rows) =>
      rows.some(([number, text]) => number > 1_000 && number < 6_000 && text === `part ${number} of many`),
    );
    const [, thousands] = /^(\d+)\s\d{3} lines skipped\. The hub has them\./.exec(before) ?? [];
    expect([all / 1_000 - 3, all / 1_000 - 2]).toContain(Number(thousands));
  });

  it('says what its machine had to drop, and tells what a page missed from what is gone', async () => {
    const run = await begin('gaps', ...lines(1, 3));
    await open('gaps');
    await until('three lines', lastSeen, (number) => number === 3);
    const at = new Date(2026, 10, 23, 14, 6, 4).getTime();
    await run.say({ type: 'gap', at, count: 214, from: at, to: at + 7_000, reason: 'spool-full' }, ...lines(4, 5));
    const gap = page.getByRole('note').filter({ hasText: 'missing' });
    await gap.waitFor();
    expect(await gap.innerText()).toBe('214 lines missing, 14:06:04 to 14:06:11. The agent’s spool was full.');
    await until('numbers that count them', lastSeen, (number) => number === 219);

    // A page that is away while more is printed than the hub keeps at hand is told so, and fetches it from the store.
    await visitor.context.setOffline(true);
    await visitor.sees(/Offline/);
    await run.say(
      ...Array.from({ length: 400 }, (_, index) => line(`big ${index} ${'x'.repeat(15_000)}`)),
      line('small'),
    );
    const since = Date.now();
    await visitor.context.setOffline(false);
    await visitor.sees(/Live/, { since });
    await page.getByText(/, 2 gaps$/).waitFor();
    await output().focus();
    await page.keyboard.press('Home');
    await page.getByRole('button', { name: 'Show them' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText(/, 1 gap$/).waitFor();
    // The button is gone, and who pressed it by a key is still in the output.
    await until(
      'the focus',
      () => output().evaluate((log) => log === document.activeElement),
      (isThere) => isThere,
    );
    await page.keyboard.press('End');
    await until('the newest line', rowsSeen, (rows) => rows.at(-1)?.[1] === 'small' && rows.at(-1)?.[0] === 620);
  });

  it('stands still while one reads, and goes live by a key', async () => {
    const run = await begin('reading', ...lines(1, 300));
    await open('reading');
    await until('the newest line', lastSeen, (number) => number === 300);
    await output().hover();
    await page.mouse.wheel(0, -600);
    await page.getByText('Paused.').waitFor();
    const before = await rowsSeen();
    await run.say(...lines(301, 420));
    await page.getByText(/120 new lines/).waitFor();
    expect(await rowsSeen()).toEqual(before);
    // What is selected is copied as it was printed, without numbers and times.
    await page.evaluate(() => {
      document.addEventListener('copy', (event) =>
        Object.assign(window, { copied: event.clipboardData?.getData('text/plain') }),
      );
    });
    const place = async (number: number): Promise<{ readonly x: number; readonly y: number }> => {
      const box = await output().getByText(`${number} of many`).boundingBox();
      if (box === null) throw new Error(`line ${number} is not on the page`);
      return { x: box.x, y: box.y + box.height / 2 };
    };
    const [first] = before[Math.floor(before.length / 2)] as Row;
    const [from, to] = [await place(first), await place(first + 2)];
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(to.x + 200, to.y, { steps: 4 });
    await page.mouse.up();
    await page.keyboard.press('Control+c');
    const copied = await page.evaluate(() => (window as unknown as { copied: string }).copied);
    expect(copied.split('\n').map((text) => text.trim())).toEqual([
      `part ${first} of many`,
      `part ${first + 1} of many`,
      `part ${first + 2} of many`,
    ]);
    await page.keyboard.press('l');
    await until('the newest line', lastSeen, (number) => number === 420);
    await page.getByText('Following.').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Paused.').waitFor();
    await page
      .getByRole('button', { name: /^Go live/ })
      .first()
      .click();
    await page.getByText('Following.').waitFor();
  });

  it('shows progress in place, colours, steps as a tree, and text as it is written', async () => {
    const run = await begin(
      'triage',
      { type: 'step', at: Date.now(), id: 'a', name: 'Read the issue' },
      { type: 'step', at: Date.now(), id: 'b', parent: 'a', name: 'Look for the file' },
      { type: 'step-ended', at: Date.now(), id: 'b', outcome: 'failed', error: 'no such file' },
      { type: 'attributes', at: Date.now(), set: { model: 'small' } },
      { type: 'attributes', at: Date.now(), step: 'b', set: { path: '/etc/x' } },
      line('\u001B[31merror: nothing there\u001B[0m', { stream: 'err' }),
      { type: 'gap', at: Date.now(), count: 3, from: Date.now(), to: Date.now(), reason: 'disk-full' },
      line('10 %', { part: 0, more: true }),
    );
    await open('triage');
    await output().getByText('10 %').waitFor();
    await run.say(line('\r60 %', { part: 1, more: true }));
    await output().getByText('60 %').waitFor();
    expect(await output().getByText('10 %').count()).toBe(0);
    await run.say({ type: 'text', at: Date.now(), id: 't', text: 'The file ' });
    await run.say(
      { type: 'text', at: Date.now(), id: 't', text: 'is gone.' },
      { type: 'progress', at: Date.now(), done: 0.62 },
    );
    await output().getByText('The file is gone.').waitFor();
    await page.getByRole('progressbar', { name: 'Progress' }).waitFor();
    const red = await output()
      .getByText('error: nothing there')
      .evaluate((span) => getComputedStyle(span).color);
    expect(red).not.toBe(await output().evaluate((log) => getComputedStyle(log).color));

    const tree = page.getByRole('tree', { name: 'Steps' });
    const failed = tree.getByRole('treeitem', { name: /^Look for the file: no such file failed/ });
    await tree.getByRole('treeitem').first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await failed.getAttribute('aria-selected')).toBe('true');
    await page.getByText('/etc/x').waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await failed.waitFor({ state: 'detached' });
  });

  it('draws each step as a bar, from when it began for as long as it took', async () => {
    const began = Date.now();
    const run = await beginAt(began, 'timed', { type: 'step', at: began + 2_000, id: 'a', name: 'Copy' });
    await run.say(
      { type: 'step', at: began + 3_000, id: 'b', parent: 'a', name: 'Verify' },
      { type: 'step-ended', at: began + 8_000, id: 'b', outcome: 'failed' },
      { type: 'step-ended', at: began + 8_000, id: 'a', outcome: 'succeeded' },
      { type: 'ended', at: began + 10_000, outcome: 'succeeded', exitCode: 0 },
    );
    await open('timed');
    const tree = page.getByRole('tree', { name: 'Steps' });
    await page.getByText('Succeeded').first().waitFor();
    const bars = await tree.getByRole('treeitem').evaluateAll((steps) =>
      steps.map((step) => {
        const bar = step.querySelector('i');
        const [drawn, track] = [bar, bar?.parentElement].map((element) => element?.getBoundingClientRect());
        if (drawn === undefined || track === undefined) throw new Error('found no bar');
        return [(drawn.left - track.left) / track.width, drawn.width / track.width];
      }),
    );
    // Of ten seconds, to a pixel.
    for (const [index, [from, share]] of [
      [0.2, 0.6],
      [0.3, 0.5],
    ].entries()) {
      expect(Math.abs((bars[index]?.[0] ?? 0) - (from ?? 0)), `beginning of bar ${index}`).toBeLessThan(0.02);
      expect(Math.abs((bars[index]?.[1] ?? 0) - (share ?? 0)), `length of bar ${index}`).toBeLessThan(0.02);
    }
    await tree.getByRole('treeitem', { name: /^Copy done 6\.0 s$/ }).waitFor();
    await tree.getByRole('treeitem', { name: /^Verify failed 5\.0 s$/ }).waitFor();
  });

  it('stands in the list with its state, live, in the order that somebody asks for by the keyboard', async () => {
    const run = await begin('archive');
    await page.goto(`${hub.url}/runs`);
    const row = page.getByRole('row', { name: /^archive/ });
    await row.getByText('Running').waitFor();
    const names = (): Promise<readonly string[]> => page.getByRole('rowheader').allInnerTexts();
    // What is under way comes first, the newest of it before the others.
    expect((await names())[0]).toBe('archive');
    await run.say({ type: 'progress', at: Date.now(), done: 0.5 });
    await row.getByText('50 %').waitFor();
    await run.say({ type: 'ended', at: Date.now(), outcome: 'failed', exitCode: 3 });
    await row.getByText('Failed, exit 3').waitFor();
    await page.getByRole('searchbox', { name: 'Filter runs' }).focus();
    await tabTo(page, /^Failed/);
    await page.keyboard.press('Space');
    await until('one row', names, (found) => found.join() === 'archive');
    await page.keyboard.press('Space');
    await tabTo(page, /^Run$/);
    await page.keyboard.press('Enter');
    const ascending = (await names()).toSorted();
    await until('the order of the names', names, (found) => found.join() === ascending.join());
    expect(ascending.length).toBeGreaterThan(4);
    await page.keyboard.press('Enter');
    await until('the other order', names, (found) => found.join() === ascending.toReversed().join());
    expect(await page.getByRole('columnheader', { name: 'Run', exact: true }).getAttribute('aria-sort')).toBe(
      'descending',
    );
  });

  it('is ended by the keyboard: the first press arms, the second asks, and its machine answers', async () => {
    const run = await begin('endless', line('working'));
    await open('endless');
    await page.getByRole('button', { name: 'Cancel run' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /^Press again to cancel/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('Cancelling, asked by admin').waitFor();
    // The button is gone, and the keys are not back at the top of the page.
    await until(
      'the focus',
      () => focused(page),
      (name) => name === 'endless',
    );
    expect(await run.cancelAsked()).toMatchObject({ run: run.run, by: 'admin' });
    await run.say(
      { type: 'cancelling', at: Date.now(), by: 'admin' },
      { type: 'ended', at: Date.now(), outcome: 'cancelled', signal: 'SIGTERM' },
    );
    await page.getByText('Cancelled by admin').waitFor();
    expect(await page.getByRole('button', { name: 'Cancel run' }).count()).toBe(0);
  });

  it('executes nothing of what it prints, and hides nothing of it', async () => {
    const evil = '<img src=x onerror="window.pwned=1">';
    const faultsBefore = visitor.faults.length;
    await begin(
      'hostile',
      { type: 'step', at: Date.now(), id: '__proto__', name: evil },
      { type: 'attributes', at: Date.now(), set: { [evil]: evil, constructor: '<script>window.pwned=1</script>' } },
      line(`${evil}<script>window.pwned=1</script>`),
      line('\u001B]0;title\u0007\u001B[8mhidden\u001B[0m user\u202Egpj.exe \u0007\u0000'),
      line(`\u001B]8;;javascript:window.pwned=1\u001B\\a link\u001B]8;;\u001B\\`),
      line('{{7*7}} ${7*7}'),
      { type: 'text', at: Date.now(), id: 'x', text: evil },
    );
    await open('hostile');
    await output().getByText('a link').waitFor();
    const shown = await rowsSeen();
    expect(shown.map(([, text]) => text)).toEqual([
      `${evil}<script>window.pwned=1</script>`,
      'hidden user‹U+202E›gpj.exe ␇␀',
      'a link',
      '{{7*7}} ${7*7}',
    ]);
    expect(await page.locator('main img, main script, [role=log] a').count()).toBe(0);
    expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
    // What was asked of a hub that was being killed, in a test before, is no fault of this one.
    expect(visitor.faults.slice(faultsBefore)).toEqual([]);
  });

  it.each([
    { colorScheme: 'dark', rules: [] },
    { colorScheme: 'light', rules: ['color-contrast'] },
  ] as const)(
    'and the list of runs have no barrier that axe finds, in $colorScheme',
    async ({ colorScheme, rules }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.goto(`${hub.url}/runs`);
      await page.getByRole('rowheader', { name: 'flood' }).waitFor();
      expect(await barriers(page, ...rules)).toEqual([]);
      const filter = page.getByRole('searchbox', { name: 'Filter runs' });
      await filter.fill('nobody');
      await page.getByText('No run is called so').waitFor();
      await filter.fill('triage');
      await page.getByRole('link', { name: 'triage' }).click();
      await page.getByRole('heading', { level: 1, name: 'triage' }).waitFor();
      await output().getByText('The file is gone.').waitFor();
      await page.keyboard.press('Control+f');
      await page.keyboard.type('file');
      await page.locator('mark').first().waitFor();
      await page.getByRole('button', { name: 'Pause' }).click();
      expect(await barriers(page, ...rules)).toEqual([]);
    },
  );

  it('fits a phone without sideways scrolling and without a barrier', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const overflow = (): Promise<number> =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    for (const path of ['/runs', `/runs/${runId('triage')}`]) {
      await page.goto(hub.url + path);
      await page.getByRole('heading', { level: 1, name: path === '/runs' ? 'Runs' : 'triage' }).waitFor();
      await page
        .getByText(/Running|Line lost/)
        .first()
        .waitFor();
      expect(await overflow(), path).toBe(0);
      expect(await barriers(page), path).toEqual([]);
    }
    await page.goto(`${hub.url}/runs/${runId('nobody')}`);
    await page.getByRole('heading', { level: 1, name: 'No such run' }).waitFor();
  });
});
