// The broker of one process with a store: channels declared `stored` are committed there before anybody is shown what
// they took, and go on after a restart as if nothing had happened; all others are the memory broker's. In memory are
// only the young ends of stored logs that somebody reads (STO1 to STO4).

import type { Clock } from '../clock.ts';
import { ChannelLog, type LogBounds, type NewMessage } from '../log/channel-log.ts';
import type { GatewayLog } from '../types.ts';
import type { AppendOutcome, Broker, Following, OnceKey, RecallOutcome } from './broker.ts';
import { CommitQueue, type CommitResult } from './commit-queue.ts';
import type { LocalLogs } from './local-logs.ts';
import { bytesOf, MemoryBroker, type MemoryBrokerOptions } from './memory-broker.ts';
import type { MessageStore, StoredPage } from './message-store.ts';
import { joinPage, logOfPage } from './stored-page.ts';

export interface StoredBrokerOptions extends MemoryBrokerOptions {
  readonly store: MessageStore;
  readonly log: GatewayLog;
}

/** An append that is being committed. */
interface Committing {
  readonly channel: string;
  readonly messages: readonly NewMessage[];
  readonly bounds: LogBounds;
  readonly time: number;
}

const noRoom = { kind: 'unavailable', reason: 'more waits to be stored than there is room for; try again' } as const;

/** How long a stop waits for what is being committed; the store itself is closed by who opened it. */
const drainMs = 250;

export class StoredBroker implements Broker {
  readonly #memory: MemoryBroker;
  readonly #logs: LocalLogs;
  readonly #queue: CommitQueue;
  readonly #store: MessageStore;
  readonly #clock: Clock;
  readonly #log: GatewayLog;
  /** Logs that are being read from the store. */
  readonly #loading = new Map<string, Promise<void>>();
  /** Followed logs that may miss something and could not be read; tried again at every sweep. */
  readonly #unread = new Map<string, LogBounds>();

  constructor(options: StoredBrokerOptions) {
    this.#memory = new MemoryBroker(options);
    this.#logs = this.#memory.logs;
    this.#queue = new CommitQueue(options);
    this.#store = options.store;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  append(
    channel: string,
    messages: readonly NewMessage[],
    bounds: LogBounds,
    once?: OnceKey,
  ): AppendOutcome | Promise<AppendOutcome> {
    if (!bounds.isStored) return this.#memory.append(channel, messages, bounds, once);
    const time = this.#clock.now();
    const bodies = messages.map(({ body }) => body);
    return new Promise((resolve, reject) => {
      const settle = (result: CommitResult): void => {
        try {
          resolve(this.#committed({ channel, messages, bounds, time }, result));
        } catch (error) {
          reject(error as Error);
        }
      };
      const hasRoom = this.#queue.add({ channel, time, bodies, once }, bytesOf(messages), settle);
      if (!hasRoom) resolve(noRoom);
    });
  }

  /** In the order of commits: one that is under way, or waits, may be what is asked for. */
  recall(channel: string, bounds: LogBounds, once: OnceKey): RecallOutcome | Promise<RecallOutcome> {
    if (!bounds.isStored) return this.#memory.recall(channel, bounds, once);
    const time = this.#clock.now();
    return new Promise((resolve) => {
      const asked = { channel, time, bodies: [], once, recalls: true } as const;
      const hasRoom = this.#queue.add(asked, 0, (result) => resolve(recalled(result)));
      if (!hasRoom) resolve(noRoom);
    });
  }

  follow(channel: string, bounds: LogBounds, onChange: () => void): Following | Promise<Following> {
    if (!bounds.isStored) return this.#memory.follow(channel, bounds, onChange);
    // Before it is read: what is followed is kept, and what is appended from now on comes to it.
    const following = this.#logs.follow(channel, onChange);
    if (following.log !== undefined && !following.inDoubt) return following;
    return this.#load(channel, bounds).then(
      () => following,
      (error: unknown) => {
        following.release();
        throw error;
      },
    );
  }

  sweep(): void {
    this.#memory.sweep();
    for (const [channel, bounds] of this.#unread) this.#loadAgain(channel, bounds);
  }

  figures(): ReturnType<Broker['figures']> {
    return this.#memory.figures();
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(drainMs, resolve);
      void this.#queue.close().then(() => {
        cancel();
        resolve();
      });
    });
    await this.#memory.stop();
  }

  /** Brings the local log to where the store is, and answers what the store said. */
  #committed(committing: Committing, result: CommitResult): AppendOutcome {
    const { channel, messages, bounds, time } = committing;
    switch (result.kind) {
      case 'appended': {
        this.#appendHere(committing, result);
        this.#replaceHere(channel, result);
        const { epoch, first } = result;
        return { kind: 'appended', position: { epoch, offset: first + messages.length - 1 }, duplicate: false, time };
      }
      case 'duplicate':
        return { kind: 'appended', position: result.position, duplicate: true };
      case 'refused':
      case 'out-of-order':
        return result;
      case 'not-appended':
        throw new Error('found an append answered as a recall, expected what became of it');
      case 'nothing-written':
        return { kind: 'unavailable', reason: 'the store cannot take messages now; try again' };
      case 'unknown':
        this.#doubt(channel, bounds);
        return { kind: 'unknown', reason: 'the store failed and may have taken this; try again with the same once' };
    }
  }

  #appendHere(
    { channel, messages, bounds, time }: Committing,
    { epoch, first }: { readonly epoch: string; readonly first: number },
  ): void {
    // What is about to be read from the store holds this too.
    if (this.#loading.has(channel)) return;
    const log = this.#logs.get(channel);
    if (log === undefined && !this.#logs.isFollowed(channel)) return;
    if (log?.epoch === epoch && log.head + 1 === first) {
      this.#logs.append(log, messages, time);
      this.#logs.grow(bytesOf(messages));
    } else if (first === 1) {
      const begun = new ChannelLog(channel, epoch, bounds);
      begun.append(messages, time, this.#clock.monotonic());
      this.#logs.put(begun);
    } else {
      this.#doubt(channel, bounds);
    }
  }

  /** Also while the log is read: what is here already stays here, and is not read again. */
  #replaceHere(channel: string, { epoch, replaced = [] }: Extract<CommitResult, { kind: 'appended' }>): void {
    const log = this.#logs.get(channel);
    if (log?.epoch !== epoch) return;
    for (const { offset, time, body } of replaced) log.replace(offset, time, body);
  }

  /** The local log may miss something: it is read anew if somebody follows it, else it goes. */
  #doubt(channel: string, bounds: LogBounds): void {
    this.#logs.doubt(channel);
    if (this.#logs.isFollowed(channel)) this.#loadAgain(channel, bounds);
  }

  #loadAgain(channel: string, bounds: LogBounds): void {
    this.#unread.delete(channel);
    if (!this.#logs.isFollowed(channel)) return;
    this.#load(channel, bounds).catch((error: unknown) => {
      this.#log.warn({ err: error, channel }, 'A stored log could not be read; it is tried again');
      this.#unread.set(channel, bounds);
    });
  }

  /** Reads the young end of a log between two commits; one read at a time for all who ask. */
  #load(channel: string, bounds: LogBounds): Promise<void> {
    const known = this.#loading.get(channel);
    if (known !== undefined) return known;
    const loaded = new Promise<void>((resolve, reject) => {
      this.#queue.between(async () => {
        try {
          const { count, bytes, seconds } = bounds;
          const since = seconds === undefined ? {} : { since: this.#clock.now() - seconds * 1000 };
          const page = await this.#store.page(channel, { count, bytes, ...since });
          if (page === undefined) this.#logs.remove(channel);
          else if (this.#logs.isFollowed(channel)) this.#take(channel, bounds, page);
          resolve();
        } catch (error) {
          reject(error as Error);
        } finally {
          this.#loading.delete(channel);
        }
      });
    });
    this.#loading.set(channel, loaded);
    return loaded;
  }

  #take(channel: string, bounds: LogBounds, page: StoredPage): void {
    const held = this.#logs.get(channel);
    const joins = held !== undefined && joinPage(held, page, this.#clock);
    this.#logs.put(joins ? held : logOfPage(channel, bounds, page, this.#clock));
  }
}

function recalled(result: CommitResult): RecallOutcome {
  switch (result.kind) {
    case 'duplicate':
      return { kind: 'appended', position: result.position, duplicate: true };
    case 'nothing-written':
    case 'unknown':
      return { kind: 'unavailable', reason: 'the store cannot say now whether it has this; try again' };
    default:
      return { kind: 'not-appended' };
  }
}
