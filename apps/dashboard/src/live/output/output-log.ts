// The output of one channel as an external store: live from the line, older lines and holes from the hub by HTTP, one
// drawing per frame. Only this and its hook know the client; what the rows are is output-model.ts's.

import type { Connection, Freshness, HeldMessage, Subscription, SubscriptionEvent } from '@telltale/client';
import type { OutputRow } from '../../ui/output/rows.ts';
import { failureWords } from '../../session/api.ts';
import { fetchHole, fetchOlder, pageSize, type FetchPage } from './fetch-hole.ts';
import type { LineCount } from './held.ts';
import { outputOf } from './output-item.ts';
import { createOutputModel, mostHeld, type Hole, type OutputModel } from './output-model.ts';
import { createPace } from './pace.ts';
import type { Reader } from './trim.ts';

export interface OutputView {
  /** Oldest first. The same array, changed in place: a new view says that it has changed. */
  readonly rows: readonly OutputRow[];
  readonly gaps: number;
  /** Number of the newest whole line, so of all lines; undefined: not known. */
  readonly lines: number | undefined;
  /** When the hub took the newest line, by the hub's clock. */
  readonly newestAt: number | undefined;
  readonly older: OutputModel['older'];
  /** Lines that came live since somebody began to listen, to tell who has paused how many are new. */
  readonly arrived: number;
  readonly freshness: Freshness;
  readonly denied: { readonly code: number; readonly reason: string } | undefined;
}

/** One message of the channel. */
export interface LinePlace {
  readonly epoch: string;
  readonly offset: number;
}

/** `gone`: it is not kept any more. `failed`: the hub could not be asked. */
export type LineFound = 'here' | 'gone' | 'failed';

export interface OutputLog {
  readonly get: () => OutputView;
  readonly subscribe: (listener: () => void) => () => void;
  /** What a snapshot says about numbers of lines. */
  readonly count: (known: LineCount) => void;
  /** Fetches what a hole's row stands for; resolves when it is drawn, or has failed and the row says so. */
  readonly open: (key: string) => Promise<void>;
  /** Fetches the first lines there are; what is between stays a hole. */
  readonly openStart: () => Promise<void>;
  /** Fetches older output page by page, until all of it is here or as much as may be. */
  readonly openAll: () => Promise<void>;
  /** Fetches what is around a line, if it is not here and still kept; resolves when it is drawn, with what became of it. */
  readonly openAt: (place: LinePlace) => Promise<LineFound>;
  readonly toggleFold: (key: string) => void;
  /** Which row somebody reads who has scrolled away; undefined: they follow the newest. It is not let go. */
  readonly read: (key: string | undefined) => void;
}

export interface OutputSource {
  readonly connection: Connection;
  readonly channel: string;
  readonly fetchPage: FetchPage;
  readonly frame: (run: () => void) => void;
}

/** Fetched at once of a hole between two rows. */
const mostOpened = 5_000;
/** Lines before and behind one that is gone to. */
const around = 100;
/** Taken without a drawing, while the page is hidden. */
const mostUnsettled = 5_000;
/** Rows up to which all older output is fetched when somebody asks for all of it. */
const mostWanted = 0.8 * mostHeld;
/** Between two drawings while much comes, in milliseconds: who reads sees nothing of what is new. */
const apartMs = { following: 100, reading: 250 };

/** Follows the channel while somebody listens; what it holds stays until it is let go itself. */
export function createOutputLog({ connection, channel, fetchPage, frame }: OutputSource): OutputLog {
  let model = createOutputModel();
  let freshness: Freshness = { kind: 'catching-up' };
  let denied: OutputView['denied'];
  let reader: Reader | undefined;
  let unsettled = 0;
  let arrived = 0;
  let subscription: Subscription | undefined;
  const opening = new Set<string>();
  const listeners = new Set<() => void>();

  const viewed = (): OutputView => ({
    rows: model.rows,
    gaps: model.gaps,
    lines: model.lines,
    newestAt: model.newest?.time,
    older: model.older,
    arrived,
    freshness,
    denied,
  });
  let view = viewed();
  const settle = (): void => {
    model.settle(reader);
    unsettled = 0;
  };
  let drawn: (() => void)[] = [];
  const pace = createPace({
    frame,
    apartMs: () => (reader === undefined ? apartMs.following : apartMs.reading),
    run() {
      settle();
      view = viewed();
      for (const listener of listeners) listener();
      release();
    },
  });
  const release = (): void => {
    const waiting = drawn;
    drawn = [];
    for (const resolve of waiting) resolve();
  };
  const untilDrawn = async (): Promise<void> => {
    pace.soon();
    // Nobody draws for somebody who has left.
    if (subscription !== undefined) await new Promise<void>((resolve) => drawn.push(resolve));
  };

  const hear = (event: SubscriptionEvent): void => {
    switch (event.type) {
      case 'messages':
        for (const [epoch, messages] of byEpoch(event.messages)) model.take(epoch, messages);
        arrived += event.messages.filter(endsLine).length;
        unsettled += event.messages.length;
        if (unsettled > mostUnsettled) settle();
        break;
      case 'freshness':
        freshness = event.freshness;
        // A row says it, where it is.
        if (freshness.kind === 'gap') subscription?.acknowledgeGap();
        break;
      case 'denied':
        denied = { code: event.code, reason: event.reason };
        break;
      case 'cleared':
        model = createOutputModel();
        denied = undefined;
        break;
      case 'reset':
        // The next message says which life it is of.
        break;
    }
    pace.ask();
  };

  /** Fetches all or a part of a hole; only one is fetched at a time. */
  const fetching = async (key: string, fetch: (hole: Hole, into: OutputModel) => Promise<void>): Promise<void> => {
    const hole = model.hole(key);
    const into = model;
    if (hole === undefined || opening.has(key)) return;
    opening.add(key);
    model.setHole(hole, { kind: 'opening' });
    pace.soon();
    try {
      await fetch(hole, into);
      into.setHole(hole, undefined);
    } catch (error) {
      // What came before it failed stands in its place; the row of the rest says why it is not there.
      into.setHole(hole, { kind: 'failed', why: failureWords(error) });
    } finally {
      opening.delete(key);
    }
    await untilDrawn();
  };
  const open = (key: string): Promise<void> =>
    fetching(key, (hole, into) =>
      key === 'older' ? fetchOlder(hole, into, fetchPage) : fetchHole(hole, into, fetchPage, mostOpened),
    );

  return {
    get: () => view,
    subscribe(listener) {
      listeners.add(listener);
      subscription ??= connection.subscribe(channel, hear);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        subscription?.close();
        subscription = undefined;
        pace.stop();
        release();
      };
    },
    count(known) {
      model.count(known);
      pace.ask();
    },
    open,
    openStart: () => fetching('older', (hole, into) => fetchHole(hole, into, fetchPage, pageSize)),
    async openAll() {
      for (let before = -1; model.older === 'kept' && model.rows.length < mostWanted;) {
        // A page that could not be fetched says so in its row.
        if (subscription === undefined || model.rows.length === before) return;
        before = model.rows.length;
        await open('older');
      }
    },
    async openAt({ epoch, offset }) {
      const into = model;
      const found = (): boolean => into.rows.some(({ key }) => key === `${epoch}:${offset}`);
      const page = await fetchPage({ epoch, offset: offset + around }, 2 * around).catch(() => undefined);
      if (page === undefined) return found() ? 'here' : 'failed';
      if (page === 'other-epoch' || page.epoch !== epoch) return found() ? 'here' : 'gone';
      // What of it can't be drawn stays a hole, and its row says so.
      into.take(epoch, page.messages);
      await untilDrawn();
      return found() || page.messages.some((message) => message.offset === offset) ? 'here' : 'gone';
    },
    toggleFold(key) {
      model.toggleFold(key);
      pace.soon();
    },
    read(key) {
      reader = key === undefined ? undefined : (model.placeOf(key) ?? reader);
    },
  };
}

function endsLine({ data }: HeldMessage): boolean {
  const output = outputOf(data);
  return output?.type === 'line' && output.more !== true;
}

/** In the order they came; almost always all of one life of the log. */
function byEpoch(messages: readonly HeldMessage[]): readonly (readonly [string, readonly HeldMessage[]])[] {
  const [first] = messages;
  if (first === undefined) return [];
  if (messages.at(-1)?.epoch === first.epoch) return [[first.epoch, messages]];
  const lives = new Set(messages.map(({ epoch }) => epoch));
  return [...lives].map((life) => [life, messages.filter(({ epoch }) => epoch === life)]);
}
