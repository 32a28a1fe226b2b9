// What a page would do if a text of somebody else had power over it: run something, ask elsewhere, open something, take on
// elements or handlers that we never make, or lose its shape.

import type { Page } from 'playwright-core';

export interface Harm {
  /** What was done up to now; an empty list is the wish. */
  found(): Promise<readonly string[]>;
}

/** Watches a page from here on. */
export function watchForHarm(page: Page, origin: string): Harm {
  const seen = new Set<string>();
  page.on('request', (request) => {
    const url = request.url();
    if (!url.replace(/^ws/, 'http').startsWith(`${origin}/`)) seen.add(`asked ${url.slice(0, 200)}`);
  });
  page.on('dialog', (dialog) => void seen.add(`opened a dialog: ${dialog.message()}`));
  page.on('popup', (popup) => void seen.add(`opened ${popup.url()}`));
  return {
    async found() {
      const inPage = await page.evaluate(() => {
        const strange =
          'script, iframe, object, embed, base, meta, style, link, img, math, details, template, noscript';
        const foreign = [
          ...document.querySelectorAll(
            strange
              .split(', ')
              .map((name) => `#root ${name}`)
              .join(', '),
          ),
        ];
        const handlers = [...document.querySelectorAll('#root *')].flatMap((element) =>
          element.getAttributeNames().filter((name) => name.startsWith('on')),
        );
        const links = [...document.querySelectorAll<HTMLAnchorElement>('#root a')].filter(
          ({ href }) => new URL(href).origin !== location.origin,
        );
        const { scrollWidth, clientWidth } = document.documentElement;
        return [
          ...('pwned' in window ? ['ran a script'] : []),
          ...('polluted' in {} ? ['changed what all objects have'] : []),
          ...foreign.map(({ outerHTML }) => `made ${outerHTML.slice(0, 200)}`),
          ...handlers.map((name) => `made a handler ${name}`),
          ...links.map(({ href }) => `made a link to ${href.slice(0, 200)}`),
          ...(scrollWidth > clientWidth ? [`is ${scrollWidth - clientWidth} px too wide`] : []),
        ];
      });
      return [...seen, ...inPage];
    },
  };
}
