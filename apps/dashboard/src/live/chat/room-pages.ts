// Fetches pages of a room's history into what is held of it. The hub answers with the newest messages before an offset, so
// this is also how one goes forward: what has no more offsets than a page has messages is one page.

import type { ChatPage } from '@telltale/hub/api';
import type { RoomFold } from './room-fold.ts';

/** @param before undefined: the newest */
export type FetchPage = (before: number | undefined, limit: number) => Promise<ChatPage>;

/** Messages of a page that goes back. */
export const pageSize = 100;
/** The most that the hub answers with. */
const widest = 200;
/** Most pages fetched in one go, after a long absence. */
const mostPages = 100;

export interface RoomPages {
  /** The page before the first message; false: there is none, or it did not fit. */
  readonly before: (into: RoomFold) => Promise<boolean>;
  /** Everything anew that was said before `end`, undefined for up to now, and back to `first`: the newest page at least. */
  readonly anew: (into: RoomFold, part: { readonly end: number | undefined; readonly first: number }) => Promise<void>;
  /** What was said behind `end`, which is in `into`; resolves with up to where everything is in it then. */
  readonly after: (into: RoomFold, end: number) => Promise<number>;
}

export function createRoomPages(fetchPage: FetchPage): RoomPages {
  const before = async (into: RoomFold): Promise<boolean> => {
    const first = into.messages[0];
    if (first === undefined || !into.hasOlder) return false;
    const page = await fetchPage(first.offset, pageSize);
    // What was cut or begun anew meanwhile has another page in front of it.
    if (into.messages[0]?.offset !== first.offset) return false;
    return into.takeOlder(page) && into.messages[0].offset !== first.offset;
  };
  return {
    before,
    async anew(into, { end, first }) {
      into.takeNewest(await fetchPage(end, pageSize));
      for (let pages = 0; pages < mostPages && (into.messages[0]?.offset ?? 0) > first; pages += 1) {
        if (!(await before(into))) return;
      }
    },
    async after(into, end) {
      const last = into.messages.at(-1)?.offset;
      const page = await fetchPage(end + widest + 1, widest);
      if (into.messages.at(-1)?.offset !== last) return end;
      return into.takeNewer(page) ? Math.min(end + widest, page.position?.offset ?? end) : end;
    },
  };
}
