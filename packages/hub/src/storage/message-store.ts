// The hub's database as the store of the gateway's stored channels. Says in the log when the disk takes nothing, and when it
// does again: meanwhile the hub goes on, and agents keep what they report.

import { type GatewayLog, type MessageStore, nothingWritten, type StoredMessages } from '@telltale/gateway';
import { createDiskReport } from './disk-report.ts';
import type { Commit, LogPage } from './message-operations.ts';
import type { Storage } from './storage.ts';

export interface MessageStoreOptions {
  readonly storage: Pick<Storage, 'commitAppends' | 'newestMessages'>;
  readonly log: GatewayLog;
  /** Told how many bytes a commit wrote, its own records included. */
  readonly onCommitted?: (bytes: number) => void;
}

/** What an append costs beside its bodies: its own row and those it changes. */
const appendOverhead = 100;

export function createMessageStore({ storage, log, onCommitted }: MessageStoreOptions): MessageStore {
  const disk = createDiskReport(log);

  const committed = async (commit: Promise<Commit>, bytes: number): Promise<Commit> => {
    try {
      const result = await commit;
      if (result.kind === 'committed') disk.took(bytes);
      else disk.failed(bytes, result.reason);
      return result;
    } catch (error) {
      disk.failed(bytes, error instanceof Error ? error.message : String(error));
      throw error;
    }
  };

  return {
    async commit(appends) {
      let bytes = 0;
      // One text goes to the thread of the database in half the time of a hundred.
      const records = appends.map(({ channel, time, bodies, once, recalls }) => {
        const joined = bodies.join('\n');
        if (recalls !== true) bytes += joined.length + appendOverhead;
        return { channel, time, count: bodies.length, bodies: joined, once, recalls };
      });
      const commit = storage.commitAppends(records);
      // Who asks for what is there alone has tried no disk.
      const result = await (appends.every(({ recalls }) => recalls === true) ? commit : committed(commit, bytes));
      if (result.kind === 'nothing-written') {
        throw Object.assign(new Error(result.reason), { code: nothingWritten });
      }
      onCommitted?.(bytes);
      return result.outcomes;
    },

    async page(channel, { before, count, bytes, since }) {
      const page = await storage.newestMessages(channel, { before, count, bytes, since });
      if (page === undefined) return undefined;
      const { epoch, head, horizon } = page;
      return { epoch, head, horizon, messages: messagesOf(page, { before }) };
    },
  };
}

/** The messages of a page, cut where they would go beyond what was asked for. */
export function messagesOf(
  { appends }: Pick<LogPage, 'appends'>,
  { after = 0, before = Infinity }: { readonly after?: number | undefined; readonly before?: number | undefined },
): readonly StoredMessages[] {
  return appends.flatMap(({ first, time, bodies: text }) => {
    const from = Math.max(0, after + 1 - first);
    const bodies = text.split('\n').slice(from, Math.max(0, before - first));
    return bodies.length === 0 ? [] : [{ first: first + from, time, bodies }];
  });
}
