// What a person reads of an output in a page: the rows that are drawn, all of them while they scroll, and what they copy.
// Each works on the element that scrolls, the log.

import type { Locator } from 'playwright-core';

/** A row of output as it stands on the page: its number and its text. */
export type Row = readonly [number, string];

/** The lines that are drawn now, by their numbers. */
export function rowsIn(log: Locator): Promise<readonly Row[]> {
  return log.evaluate((element) =>
    [...element.querySelectorAll<HTMLElement>('[data-kind="line"]')]
      .map((row): Row => [Number(row.children[0]?.textContent), row.querySelector('[data-text]')?.textContent ?? ''])
      .toSorted(([one], [other]) => one - other),
  );
}

/** Scrolls to the top, and again when older lines have come, until the first line is there. */
export async function scrollToStart(log: Locator): Promise<void> {
  await log.evaluate(async (element) => {
    const isFirst = (): boolean => element.querySelector('[data-kind="line"] > :first-child')?.textContent === '1';
    const end = performance.now() + 40_000;
    while (!isFirst()) {
      if (performance.now() > end) throw new Error('waited 40 s for the first line');
      element.scrollTo({ top: 0 });
      for (let n = 0; n < 2; n += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  });
}

/** Scrolls on, screen by screen, to the next row that something can be opened at. */
export async function scrollToHole(log: Locator): Promise<void> {
  await log.evaluate(async (element) => {
    const end = performance.now() + 40_000;
    while (element.querySelector('[role="note"] button') === null) {
      if (performance.now() > end) throw new Error('waited 40 s for a row that can be opened');
      element.scrollBy({ top: element.clientHeight });
      for (let n = 0; n < 2; n += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  });
}

/** The lines of so many screens from here, as they come into view, in the order in which they stand. */
export function readDown(log: Locator, screens: number): Promise<readonly Row[]> {
  return log.evaluate(async (element, count) => {
    const found = new Map<string, Row>();
    for (let screen = 0; screen < count; screen += 1) {
      for (let n = 0; n < 2; n += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
      const shown = [...element.querySelectorAll<HTMLElement>('[data-kind="line"]')];
      shown.sort((one, other) => Number(one.dataset['index']) - Number(other.dataset['index']));
      for (const row of shown) {
        const key = row.dataset['key'] ?? '';
        const text = row.querySelector('[data-text]')?.textContent ?? '';
        if (!found.has(key)) found.set(key, [Number(row.children[0]?.textContent), text]);
      }
      element.scrollBy({ top: element.clientHeight * 0.9 });
    }
    return [...found.values()];
  }, screens);
}

/** What is copied of a selection from the first row that is drawn to the last one there is, far out of its sight. */
export async function copyToEnd(log: Locator): Promise<string> {
  await log.evaluate(async (element) => {
    document.addEventListener(
      'copy',
      (event) => Object.assign(window, { copied: event.clipboardData?.getData('text/plain') }),
      { once: true },
    );
    const frames = async (): Promise<void> => {
      for (let n = 0; n < 5; n += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
    };
    const texts = (): readonly Element[] =>
      [...element.querySelectorAll<HTMLElement>('[data-index]')]
        .sort((one, other) => Number(one.dataset['index']) - Number(other.dataset['index']))
        .flatMap((row) => [...row.querySelectorAll('[data-text]')]);
    const [first] = texts();
    const selection = getSelection();
    if (first === undefined || selection === null) throw new Error('found no row');
    selection.setBaseAndExtent(first, 0, first, 1);
    await frames();
    for (let top = -1; element.scrollTop !== top;) {
      top = element.scrollTop;
      element.scrollTo({ top: element.scrollHeight });
      await frames();
    }
    const last = texts().at(-1);
    if (last !== undefined) selection.extend(last, last.childNodes.length);
  });
  await log.page().keyboard.press('Control+c');
  return await log.page().evaluate(() => (window as unknown as { copied: string }).copied);
}
