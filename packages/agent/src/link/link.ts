// One line to the hub for everything a process reports: the client's connection, and the spools whose records go over it,
// at most 8 of them without an answer. Agent and runs each have one. What a session must be told first is said by whoever
// adds a spool.

import { type Connection, createConnection, createRateGate } from '@telltale/client';
import type { AgentLog } from '../collector.ts';
import { type Place, placeUrl } from '../place.ts';
import { type Spool, windowSize } from '../spool/spool.ts';
import { agentSockets } from './agent-socket.ts';
import { lineOf, returnsAfterMs, type LineState } from './line.ts';
import { createSender, type Sender } from './sender.ts';

export type { LineState } from './line.ts';

export interface LinkOptions {
  readonly place: Pick<Place, 'hub' | 'machine' | 'credential'>;
  /** Below the hub: `/ws/agents/web-1/`, or `/ws/` for what replaces nobody. */
  readonly path: string;
  readonly log: AgentLog;
  /** Told of each change. */
  readonly onLine?: (line: LineState) => void;
}

export interface Feed {
  readonly spool: Spool;
  /**
   * Tells each new session what it must know before anything of this spool is sent. False: this session takes none of
   * it. A throw is tried again.
   */
  readonly prepare?: (connection: Connection) => Promise<boolean>;
  /** Whether records of this channel may go now. `wake` says that the answer has changed. Default: all. */
  readonly allows?: (channel: string) => boolean;
}

export interface Link {
  /** To subscribe, and to call methods; publishing goes by spools, but for tables that only the newest counts of. */
  readonly connection: Connection;
  readonly line: LineState;
  /** Sends a spool too, behind those that were added before; the return value takes it away again. */
  add(feed: Feed): () => void;
  /** Something may be sent that was not allowed before. */
  wake(): void;
  /** Resolves with true as soon as everything of these spools (default: of all) has its answer, else with false. */
  drained(options: { readonly withinMs: number; readonly spool?: Spool }): Promise<boolean>;
  /** Says goodbye with a reason, and resolves when that has left, within a second. */
  close(reason: string): Promise<void>;
}

interface OpenFeed extends Feed {
  readonly sender: Sender;
  readonly stopListening: () => void;
  /** The session that it was prepared for. */
  preparedFor: number | undefined;
  retry: NodeJS.Timeout | undefined;
  /** In a row. */
  fails: number;
}

/** A session that leaves a publish without an answer for so long is replaced, in milliseconds. */
const answerMs = 30_000;
const prepareAgainMs = 1000;
const mostPrepareMs = 30_000;
const goodbyeMs = 800;

export function createLink(options: LinkOptions): Link {
  const { place, path, log, onLine } = options;
  const sockets = agentSockets();
  const gate = createRateGate(Date.now);
  const feeds = new Set<OpenFeed>();
  const waiting = new Set<() => void>();
  let line: LineState = { kind: 'connecting' };
  let maxFrameBytes = 0;
  /** Counts sessions; undefined: there is none. */
  let session: number | undefined;
  let sessions = 0;
  let isClosed = false;
  let isReplacing = false;
  /** How often in a row the hub has said no. */
  let refusals = 0;
  let paceTimer: NodeJS.Timeout | undefined;
  let answerTimer: NodeJS.Timeout | undefined;
  let returnTimer: NodeJS.Timeout | undefined;

  const connection = createConnection({
    url: placeUrl(place, path),
    token: () => place.credential,
    WebSocket: sockets.WebSocket,
    // A refusal has been read from the answer to the try itself; there is nobody else to ask.
    fetch: () => Promise.reject(new Error('not asked')),
    logger: { debug() {}, info() {}, warn: (text, fields) => log.warn(fields ?? {}, `Line to the hub: ${text}`) },
  });

  function underWay(): number {
    let count = 0;
    for (const { sender } of feeds) count += sender.underWay;
    return count;
  }

  function pump(): void {
    for (const look of waiting) look();
    if (session === undefined) return;
    clearTimeout(paceTimer);
    for (const feed of feeds) {
      if (feed.preparedFor !== session) continue;
      const others = underWay() - feed.sender.underWay;
      const sent = feed.sender.send(windowSize - others);
      if (sent.kind === 'late') {
        paceTimer = setTimeout(pump, sent.afterMs);
        break;
      }
    }
    if (underWay() === 0) {
      clearTimeout(answerTimer);
      answerTimer = undefined;
    } else answerTimer ??= setTimeout(replace, answerMs);
  }
  function heard(): void {
    clearTimeout(answerTimer);
    answerTimer = undefined;
    pump();
  }
  function replace(): void {
    log.warn({}, `The hub has left a publish without an answer for ${answerMs / 1000} s; the line is made anew`);
    // Our own end is no word of the hub's.
    isReplacing = true;
    connection.close();
    isReplacing = false;
    connection.connect();
  }

  function begin(feed: OpenFeed): void {
    const mine = session;
    const prepare = feed.prepare ?? (() => Promise.resolve(true));
    prepare(connection).then(
      (isReady) => {
        if (mine !== session || !feeds.has(feed) || !isReady) return;
        feed.preparedFor = mine;
        feed.fails = 0;
        pump();
      },
      (error: unknown) => {
        if (mine !== session || !feeds.has(feed)) return;
        // Said once: what fails now often fails for the next hour.
        if (feed.fails === 0) {
          log.warn({ err: error, spool: feed.spool.directory }, 'The hub was not told what it must know first');
        }
        feed.retry = setTimeout(() => begin(feed), Math.min(mostPrepareMs, prepareAgainMs * 2 ** feed.fails++));
      },
    );
  }
  function end(): void {
    session = undefined;
    for (const timer of [paceTimer, answerTimer]) clearTimeout(timer);
    answerTimer = undefined;
    for (const feed of feeds) {
      clearTimeout(feed.retry);
      feed.sender.lost();
    }
  }

  connection.onFrame((frame) => {
    if (frame?.type !== 'welcome') return;
    session = ++sessions;
    maxFrameBytes = frame.limits.maxFrameBytes;
    gate.begin(frame.limits);
    for (const feed of feeds) begin(feed);
  });
  connection.onState((state) => {
    if (state.kind !== 'open' && session !== undefined) end();
    const next = isClosed || isReplacing ? undefined : lineOf(state, sockets.trouble);
    if (next !== undefined && JSON.stringify(next) !== JSON.stringify(line)) {
      line = next;
      onLine?.(next);
    }
    clearTimeout(returnTimer);
    if (state.kind === 'open') refusals = 0;
    if (state.kind !== 'closed' || isClosed || isReplacing) return;
    const afterMs = returnsAfterMs(state.cause, refusals++);
    if (afterMs !== undefined) returnTimer = setTimeout(() => connection.connect(), afterMs);
  });
  connection.connect();

  return {
    connection,
    get line() {
      return line;
    },
    add(feed) {
      const sender = createSender({
        spool: feed.spool,
        ask: (frame) => connection.ask(frame),
        allows: feed.allows ?? (() => true),
        gate,
        maxFrameBytes: () => maxFrameBytes,
        onReady: heard,
        log,
      });
      const stopListening = feed.spool.onChange(pump);
      const added: OpenFeed = { ...feed, sender, stopListening, preparedFor: undefined, retry: undefined, fails: 0 };
      feeds.add(added);
      if (session !== undefined) begin(added);
      return () => {
        feeds.delete(added);
        clearTimeout(added.retry);
        stopListening();
        sender.lost();
      };
    },
    wake: pump,
    drained({ withinMs, spool }) {
      const isDrained = (): boolean =>
        [...feeds].every((feed) => (spool !== undefined && feed.spool !== spool) || feed.spool.window.length === 0);
      if (isDrained()) return Promise.resolve(true);
      return new Promise((resolve) => {
        const finish = (result: boolean): void => {
          clearTimeout(timer);
          waiting.delete(look);
          resolve(result);
        };
        const look = (): void => {
          if (isDrained()) finish(true);
        };
        const timer = setTimeout(() => finish(false), withinMs);
        waiting.add(look);
      });
    },
    async close(reason) {
      isClosed = true;
      clearTimeout(returnTimer);
      connection.close(reason);
      end();
      await sockets.settle(goodbyeMs);
    },
  };
}
