// The keyboard as somebody uses it who has nothing else: from stop to stop by the Tab key.

import type { Page } from 'playwright-core';

/** What has the focus, as it is called. */
export function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    return element === document.body ? 'nothing' : (element?.getAttribute('aria-label') ?? element?.textContent ?? '');
  });
}

/** Goes on to the next stop that is called so; fails where none is within a hundred. */
export async function tabTo(page: Page, name: RegExp): Promise<void> {
  const passed: string[] = [];
  for (let stop = 0; stop < 100; stop += 1) {
    await page.keyboard.press('Tab');
    const found = await focused(page);
    if (name.test(found)) return;
    passed.push(found.slice(0, 40));
  }
  throw new Error(`no stop of the Tab key is called ${name}; passed: ${passed.join(', ')}`);
}
