// How much is unread, for the count beside Chat. Pure; in the first load of every page.

import type { UserFact } from '@telltale/hub/api';

export interface Unread {
  readonly messages: number;
  readonly mentions: number;
}

export function unreadOf(facts: readonly UserFact[]): Unread {
  let [messages, mentions] = [0, 0];
  for (const fact of facts) {
    if (fact.type !== 'room') continue;
    messages += fact.unread;
    mentions += fact.mentions;
  }
  return { messages, mentions };
}
