// What axe finds on a page that keeps somebody out (WCAG 2.2 AA and its own good practice).

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * The barriers of the page as it is now, each with its places; an empty list is the wish. A second theme of a page that was
 * examined whole changes its colours alone: `rules` names those to look for then.
 */
export async function barriers(page: Page, ...rules: readonly string[]): Promise<readonly string[]> {
  await page.evaluate(source);
  const options: RunOptions = { resultTypes: ['violations'], ...(rules.length > 0 && { runOnly: [...rules] }) };
  const { violations } = await page.evaluate(
    (how) => (window as unknown as { axe: { run(how: RunOptions): Promise<AxeResults> } }).axe.run(how),
    options,
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}
