// Folds what the store holds of a run behind what is folded: after a crash, after a row of events that nobody told of,
// and where a run that had ended says more. Reads small pages, so that neither thread is held for long.

import type { RunEvent } from '@telltale/agent/run-events';
import { messagesOf } from '../storage/message-store.ts';
import type { Storage } from '../storage/storage.ts';
import type { OpenRun } from './open-run.ts';

const page = { count: 256, bytes: 1024 * 1024 };

/** Resolves when everything that was stored when it read last is folded. */
export async function foldStored(open: OpenRun, storage: Pick<Storage, 'messagesAfter'>): Promise<void> {
  const channel = `runs/${open.origin.run}`;
  for (;;) {
    const after = open.folded?.offset ?? 0;
    const found = await storage.messagesAfter(channel, { after, ...page });
    if (found === undefined) return;
    const { epoch, head, horizon } = found;
    const isAnother = open.folded !== undefined && open.folded.epoch !== epoch;
    if (isAnother || horizon > after) {
      open.skipTo(epoch, horizon);
      continue;
    }
    for (const { first, time, bodies } of messagesOf(found, { after })) {
      open.fold({ epoch, first, events: bodies.map(eventOf), time });
    }
    const to = open.folded?.offset ?? 0;
    if (to >= head || to === after) return;
  }
}

/** The event in a message's JSON behind its offset and time. */
function eventOf(body: string): RunEvent {
  return (JSON.parse(`{${body}`) as { data: RunEvent }).data;
}
