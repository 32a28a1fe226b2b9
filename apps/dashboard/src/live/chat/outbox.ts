// What one person has said and the hub has not stored: kept over a reload, sent once and in order while the line is
// open, until the hub answers. Knows no socket and no storage: both are passed in.
//
// Each post is numbered under a producer of its own. So whoever sends it again, this page, this page after a reload or
// another tab that found it in the storage, sends the same `once`, and no two have to agree on a next number.

import type { RequestFrame } from '@telltale/client';
import type { ChatPost } from '@telltale/hub/api';
import type { ErrorFrame, PublishResult, ResultFrame } from '@telltale/protocol';
import type { KeptPost, PostKeep } from './post-keep.ts';

export type WaitingState =
  /** For the line, or for those before it. `why`: the hub asked to wait. */
  | { readonly kind: 'waiting'; readonly why?: string }
  /** On its way, without an answer. */
  | { readonly kind: 'asked' }
  /** The hub has it, under this offset; gone from here when it is seen there. */
  | { readonly kind: 'stored'; readonly offset: number }
  | { readonly kind: 'refused'; readonly code: number; readonly reason: string };

export interface WaitingPost extends KeptPost {
  readonly state: WaitingState;
}

export interface Outbox {
  /** Oldest first; another array after each change. */
  readonly posts: readonly WaitingPost[];
  /** False: so many wait already that this one is not taken, and stays where it was written. */
  post(room: string, post: ChatPost): boolean;
  /** As `post`, of what nobody has written: it stands nowhere else, so where it is not taken it is refused in words. */
  act(room: string, post: Extract<ChatPost, { readonly type: 'deleted' | 'reacted' }>): void;
  /** Sends what was refused once more, as a new post; where that is not taken it stays refused. */
  again(key: string): void;
  /** Takes it out. What is on its way may still be stored. */
  discard(key: string): void;
  /** A post came back as a message, perhaps before its answer. */
  heard(key: string, offset: number): void;
  /** The room's messages are here up to this offset. */
  seen(room: string, offset: number): void;
  subscribe(listener: () => void): () => void;
  /** The line is open, or not. */
  line(isOpen: boolean): void;
  /** Takes in what is kept, and follows what other pages of this person do with it; answers with what ends that. */
  start(): () => void;
}

export interface OutboxWorld {
  readonly keep: PostKeep;
  readonly ask: (frame: RequestFrame) => Promise<ResultFrame | ErrorFrame | undefined>;
  readonly randomId: () => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly after: (ms: number, run: () => void) => () => void;
  /** Runs `send` while no other page of this person sends to the room. */
  readonly alone: (room: string, send: () => Promise<void>) => void;
  /** Whether the room's messages are followed, so that what is stored is seen there. */
  readonly isFollowed: (room: string) => boolean;
}

/** Posts that may wait. */
export const mostWaiting = 200;
/** Why one more is not taken. */
export const fullWords = `${mostWaiting} messages wait already`;
/** The hub remembers for 7 days what it has stored; after that a second try could be a second message. */
const triedForMs = 6 * 24 * 3_600_000;
const firstWaitMs = 500;
const longestWaitMs = 30_000;

export function createOutbox({ keep, ask, randomId, now, after, alone, isFollowed }: OutboxWorld): Outbox {
  let posts: readonly WaitingPost[] = [];
  let isOpen = false;
  let lastAt = 0;
  /** Of the room: one post is on its way, or waits for its turn or its next try. What ends that. */
  const busy = new Map<string, () => void>();
  const fails = new Map<string, number>();
  /** Up to where each room's messages are here. */
  const here = new Map<string, number>();
  const listeners = new Set<() => void>();
  /** Rises with each end of the line: an answer to an earlier life says nothing. */
  let life = 0;

  const change = (next: readonly WaitingPost[]): void => {
    posts = next;
    for (const listener of listeners) listener();
  };
  const set = (key: string, state: WaitingState): void =>
    change(posts.map((post) => (post.key === key ? { ...post, state } : post)));
  const takeOut = (key: string): void => {
    keep.remove(key);
    change(posts.filter((post) => post.key !== key));
  };
  const isUnsent = ({ state }: WaitingPost): boolean => state.kind === 'waiting' || state.kind === 'asked';

  /** What this and other pages of this person keep: theirs come in, what they have sent goes. */
  const reconcile = (): void => {
    const kept = new Map(keep.all().map((post) => [post.key, post]));
    const known = new Set(posts.map(({ key }) => key));
    const isRefusedThere = ({ key, state }: WaitingPost): boolean =>
      state.kind === 'waiting' && kept.get(key)?.refused !== undefined;
    const left = posts.filter(
      (post) => !post.isKept || kept.has(post.key) || post.state.kind === 'asked' || post.state.kind === 'stored',
    );
    const added = [...kept.values()].filter(({ key }) => !known.has(key)).map(found);
    if (left.length === posts.length && added.length === 0 && !left.some(isRefusedThere)) return;
    const told = left.map((post) => (isRefusedThere(post) ? found(kept.get(post.key) ?? post) : post));
    change([...told, ...added].sort((one, other) => one.at - other.at || (one.key < other.key ? -1 : 1)));
    for (const { room } of posts) flush(room);
  };
  const found = (post: KeptPost): WaitingPost => ({
    ...post,
    state: post.refused === undefined ? { kind: 'waiting' } : { kind: 'refused', ...post.refused },
  });

  /** The hub has it: gone at once where the room shows it already, or nobody looks at the room. */
  const store = ({ key, room }: WaitingPost, offset: number): void => {
    if (!isFollowed(room) || offset <= (here.get(room) ?? 0)) return takeOut(key);
    keep.remove(key);
    set(key, { kind: 'stored', offset });
  };
  const refuse = (post: WaitingPost, code: number, reason: string): void => {
    // Another page may have discarded it meanwhile.
    if (keep.has(post.key)) keep.put({ ...post, refused: { code, reason } });
    set(post.key, { kind: 'refused', code, reason });
  };
  const wait = (room: string, ms: number): void => {
    busy.set(
      room,
      after(ms, () => {
        busy.delete(room);
        flush(room);
      }),
    );
  };

  function flush(room: string): void {
    if (!isOpen || busy.has(room)) return;
    if (!posts.some((post) => post.room === room && isUnsent(post))) return;
    const asked = life;
    let end = (): void => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    busy.set(room, end);
    alone(room, async () => {
      // The line has ended while other pages had their turn.
      if (asked !== life) return;
      reconcile();
      const answer = send(room, asked);
      if (answer === undefined) busy.delete(room);
      else await Promise.race([answer, ended]);
    });
  }

  /** Sends what is next; undefined: nothing is left to send. */
  function send(room: string, asked: number): Promise<void> | undefined {
    const next = posts.find((post) => post.room === room && isUnsent(post));
    if (next === undefined) return undefined;
    const { key, post, triedAt } = next;
    if (triedAt !== undefined && now() - triedAt > triedForMs) {
      refuse(next, 0, 'it was sent days ago and never answered, so it may be there already');
      return send(room, asked);
    }
    if (triedAt === undefined) {
      const tried = { ...next, triedAt: now() };
      keep.put(tried);
      change(posts.map((one) => (one.key === key ? tried : one)));
    }
    set(key, { kind: 'asked' });
    return ask({ type: 'publish', channel: `chat/${room}`, data: post, once: { producer: key, seq: 1 } }).then(
      (answer) => answered(room, key, asked, answer),
      // A part of the client could not be loaded: as without a line.
      () => answered(room, key, asked, undefined),
    );
  }

  function answered(room: string, key: string, asked: number, answer: ResultFrame | ErrorFrame | undefined): void {
    // Another life of the line has asked again, and waits for its own answer.
    if (asked !== life && answer === undefined) return;
    busy.delete(room);
    const post = posts.find((one) => one.key === key);
    if (answer === undefined) {
      if (post !== undefined) set(key, { kind: 'waiting' });
      wait(room, firstWaitMs);
      return;
    }
    if (answer.type === 'error' && answer.retryable) {
      const failed = fails.get(room) ?? 0;
      fails.set(room, failed + 1);
      if (post !== undefined) set(key, { kind: 'waiting', why: answer.message });
      wait(room, answer.retryAfterMs ?? Math.min(longestWaitMs, firstWaitMs * 2 ** failed));
      return;
    }
    fails.delete(room);
    if (post !== undefined && answer.type === 'result') {
      store(post, (answer.data as PublishResult).position.offset);
    } else if (post !== undefined && answer.type === 'error') refuse(post, answer.code, answer.message);
    flush(room);
  }

  function setLine(opened: boolean): void {
    if (opened === isOpen) return;
    isOpen = opened;
    if (!opened) {
      life += 1;
      for (const cancel of busy.values()) cancel();
      busy.clear();
      fails.clear();
      if (posts.some(({ state }) => state.kind === 'asked')) {
        change(posts.map((post) => (post.state.kind === 'asked' ? { ...post, state: { kind: 'waiting' } } : post)));
      }
      return;
    }
    for (const room of new Set(posts.map((post) => post.room))) flush(room);
  }

  const numbered = (room: string, post: ChatPost): KeptPost => {
    // Two in one millisecond keep their order over a reload.
    lastAt = Math.max(now(), lastAt + 1);
    return { key: randomId(), room, post, at: lastAt };
  };
  const full = { kind: 'refused', code: 0, reason: fullWords } as const;
  const add = (room: string, post: ChatPost): boolean => {
    if (posts.filter(isUnsent).length >= mostWaiting) return false;
    const kept = numbered(room, post);
    const isKept = keep.put(kept);
    change([...posts, { ...kept, isKept, state: { kind: 'waiting' } }]);
    flush(room);
    return true;
  };

  return {
    get posts() {
      return posts;
    },
    post: add,
    act(room, post) {
      if (add(room, post)) return;
      // Pressed again it says the same: once is enough. It was never on its way, so a reload may forget it.
      const others = posts.filter((one) => one.room !== room || one.state !== full || !isSamePost(one.post, post));
      change([...others, { ...numbered(room, post), isKept: false, state: full }]);
    },
    again(key) {
      const post = posts.find((one) => one.key === key);
      if (post === undefined) return;
      if (add(post.room, post.post)) takeOut(key);
      else set(key, full);
    },
    discard: takeOut,
    heard(key, offset) {
      const post = posts.find((one) => one.key === key);
      if (post !== undefined) store(post, offset);
    },
    seen(room, offset) {
      here.set(room, offset);
      const left = posts.filter(
        (post) => post.room !== room || post.state.kind !== 'stored' || post.state.offset > offset,
      );
      if (left.length < posts.length) change(left);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    line: setLine,
    start() {
      const stopKeep = keep.onOther(reconcile);
      reconcile();
      return () => {
        stopKeep();
        setLine(false);
      };
    },
  };
}

function isSamePost(one: ChatPost, other: ChatPost): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
