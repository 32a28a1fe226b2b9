// Lines of an output that somebody shares: where they stand, and what they say.

import type { SharedRows } from '../../ui/output/selection.ts';
import { shareCard } from '../chat/chat-side.ts';

/** What a message may carry. */
export const mostShared = 20;
const mostCharacters = 1_000;

export function shareRows(channel: string, { first, last, lines }: SharedRows): void {
  const [from, to] = [placeOf(first), placeOf(last)];
  if (from === undefined || to === undefined) return;
  shareCard({
    type: 'lines',
    channel,
    epoch: from.epoch,
    from: from.offset,
    to: to.epoch === from.epoch ? Math.max(to.offset, from.offset) : from.offset,
    lines: lines
      .slice(0, mostShared)
      .map((line) => (line.length > mostCharacters ? `${line.slice(0, mostCharacters - 1)}…` : line)),
    ...(lines.length > mostShared ? { of: lines.length } : {}),
  });
}

/** Where a row's message stands; undefined: it is no row of output. */
function placeOf(key: string): { readonly epoch: string; readonly offset: number } | undefined {
  const [, epoch, offset] = /^([a-z0-9]+):(\d+)/.exec(key) ?? [];
  return epoch === undefined ? undefined : { epoch, offset: Number(offset) };
}
