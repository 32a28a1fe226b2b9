// Runs that are no longer among the newest: a person finds each that is kept, by the keyboard and on a phone, and is told
// how many of them the list has. A real Chromium, a hub that has kept more than its table shows.

import { openStorageHere } from '@telltale/hub';
import type { RunRow } from '@telltale/hub/api';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newRecord } from '../packages/hub/src/runs/open-run.ts';
import { startAgentsHub, type AgentsHub } from './support/agents-hub.ts';
import { barriers } from './support/barriers.ts';
import { hasBrowser, launchBrowser, visit, type Visitor } from './support/browser.ts';
import { temporaryDirectory } from './support/hub-process.ts';
import { focused, tabTo } from './support/keys.ts';
import { until } from './support/until.ts';

const older = 560;
const newer = 1_000;

/** The runs of web-1, and then, as many as the table shows and more, those of web-2. */
async function keepRuns(dataDir: string): Promise<void> {
  const storage = await openStorageHere(dataDir);
  const firstEnd = Date.now() - 3_600_000;
  for (let index = 0; index < older + newer; index++) {
    const [agent, name] = index < older ? ['web-1', `early-${index}`] : ['web-2', `late-${index}`];
    const at = firstEnd + index;
    const record = newRecord({ run: `run${String(index).padStart(20, '0')}`, agent, name, openedAt: at });
    const row: RunRow = { ...(JSON.parse(record.row) as RunRow), state: 'succeeded', startedAt: at, endedAt: at };
    await storage.addRun({ ...record, closed_at: at, row: JSON.stringify(row) });
  }
  await storage.close();
}

describe.runIf(hasBrowser)('older runs', () => {
  let browser: Browser;
  let house: AgentsHub;
  let admin: Visitor;

  beforeAll(async () => {
    const dataDir = temporaryDirectory();
    await keepRuns(dataDir);
    [browser, house] = await Promise.all([launchBrowser(), startAgentsHub(dataDir)]);
    await house.enrol('web-1');
    admin = await visit(browser);
  });
  afterAll(async () => {
    await browser.close();
    await house[Symbol.asyncDispose]();
  });

  it('are shown by the keyboard, a page at a time to the last, and the list says how many it has', async () => {
    const { page } = admin;
    await house.signIn(admin, '/runs');
    await page.getByText(/^1\s000 of 1\s560 runs; what is counted/).waitFor();
    await page.getByRole('searchbox', { name: 'Filter runs' }).fill('early-');
    await page.getByText('No run is called so, or stands so.').waitFor();
    await tabTo(page, /^Show older runs$/);
    await page.keyboard.press('Enter');
    await page.getByText(/^1\s500 of 1\s560 runs/).waitFor();
    await page.getByText('500 of 1500 shown').waitFor();
    // Who pressed it by a key presses it again, and is with the count when there is nothing more to press.
    expect(await focused(page)).toBe('Show older runs');
    await page.keyboard.press('Enter');
    await page.getByText(/^1\s560 runs$/).waitFor();
    await until(
      'the focus',
      () => focused(page),
      (name) => /^1\s560 runs$/.test(name),
    );
    await page.getByRole('searchbox', { name: 'Filter runs' }).fill('early-0');
    await page.getByRole('row', { name: /^early-0 Succeeded/ }).waitFor();
  });

  it('of a machine none of whose runs is among the newest stand on its page, on a phone too', async () => {
    const { page } = admin;
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${house.url}/agents/web-1`);
    const runs = page.getByRole('region', { name: 'Runs' });
    await runs.getByText('Its runs are older than the newest of all machines.').waitFor();
    await runs.getByText('0 of 560 runs').waitFor();
    await runs.getByRole('button', { name: 'Show older runs' }).click();
    await runs.getByText('500 of 560 runs').waitFor();
    await runs.getByRole('row', { name: /^early-559 / }).waitFor();
    expect(await barriers(page)).toEqual([]);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
    await runs.getByRole('button', { name: 'Show older runs' }).click();
    await runs.getByText('560 runs', { exact: true }).last().waitFor();
    expect(await runs.getByRole('button', { name: 'Show older runs' }).count()).toBe(0);
  });
});
