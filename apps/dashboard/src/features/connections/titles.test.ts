import { type EndName, ends, type RefusalName, refusals } from '@telltale/protocol';
import { endTitle, leftTitle, refusalTitle } from '@telltale/protocol/explain';
import { expect, it } from 'vitest';
import { endedTitle, refusedTitle } from './titles.ts';

const lower = (title: string): string => title.charAt(0).toLowerCase() + title.slice(1);

it('refusals and ends have the words of the table, which are those of the log', () => {
  for (const name of Object.keys(refusals) as RefusalName[]) {
    expect(lower(refusedTitle(name))).toBe(lower(refusalTitle(name)));
  }
  for (const by of ['client', 'gateway', 'network'] as const) {
    for (const name of Object.keys(ends) as EndName[]) {
      expect(lower(endedTitle({ name, by }))).toBe(endTitle({ name, by }));
    }
  }
  expect(lower(endedTitle({ name: 'closed', by: 'client', isEarly: true }))).toBe(leftTitle);
});
