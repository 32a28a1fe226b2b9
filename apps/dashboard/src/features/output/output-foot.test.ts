import { expect, it } from 'vitest';
import { footOf, type FootQuestion } from './output-foot.ts';

const now = new Date(2026, 10, 23, 14, 7, 11).getTime();
const usual: FootQuestion = {
  now,
  newestAt: now - 120,
  isUp: true,
  isCatchingUp: false,
  isOver: false,
  awaySince: null,
};

it.each<readonly [string, Partial<FootQuestion>, string | undefined]>([
  ['Following. Newest line 0.1 s old', {}, 'live'],
  ['Following. No line yet', { newestAt: undefined }, 'none'],
  ['Catching up. Newest line 14:07:10, 0.1 s ago', { isCatchingUp: true }, 'catching'],
  ['The hub does not answer. Newest line 14:03:11, 4 min ago', { isUp: false, newestAt: now - 240_000 }, 'stale'],
  ['Ended. Newest line 14:07:10, 0.1 s ago', { isOver: true, awaySince: now }, undefined],
  ['Ended. It printed nothing', { isOver: true, newestAt: undefined }, undefined],
  [
    'Line lost 14:07:01, 10 s ago. What it prints meanwhile comes when its machine is back',
    { awaySince: now - 10_000 },
    'stale',
  ],
])('says: %s', (words, more, thread) => {
  const foot = footOf({ ...usual, ...more });
  expect([`${foot.title} ${foot.detail}`, foot.thread]).toEqual([words, thread]);
  expect(foot.isGrowing).toBe(more.isOver !== true);
});
