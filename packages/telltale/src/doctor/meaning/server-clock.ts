// How far the server's clock is ahead of this machine's, by what its answers say. Pure.

import { type HttpHead, headerOf } from '../wire/http-head.ts';

/**
 * By the header `Date`, which has whole seconds; undefined where there is none, and of an answer out of a cache, which has
 * an old one.
 *
 * @param atMs when the answer was under way, by this machine's clock, in milliseconds since the epoch
 */
export function clockAheadOf(head: HttpHead, atMs: number): number | undefined {
  const date = Date.parse(headerOf(head, 'date') ?? '');
  return Number.isNaN(date) || head.headers.has('age') ? undefined : date + 500 - atMs;
}
