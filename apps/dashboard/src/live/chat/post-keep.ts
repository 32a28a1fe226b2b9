// Keeps what one person has not sent, and what they have begun to write, in this browser: under their identity's id, so
// that whoever signs in next neither sends nor sees it. Each post has a key of its own, so that two tabs never overwrite
// each other. Where the browser keeps nothing, it lasts as long as the page.

import type { ChatPost } from '@telltale/hub/api';

export interface KeptPost {
  /** Its producer, so its name for the hub. */
  readonly key: string;
  readonly room: string;
  readonly post: ChatPost;
  /** When it was written, milliseconds since the epoch; rises within a page. */
  readonly at: number;
  /** When it was first sent. */
  readonly triedAt?: number;
  readonly refused?: { readonly code: number; readonly reason: string };
  /** False: the browser would not take it, so that a reload loses it. */
  readonly isKept?: boolean;
}

export interface PostKeep {
  all(): readonly KeptPost[];
  /** Whether a post is kept still: no page of this person has sent or discarded it. */
  has(key: string): boolean;
  /** False: it could not be kept. */
  put(post: KeptPost): boolean;
  remove(key: string): void;
  /** Another page of this browser changed something. */
  onOther(listener: () => void): () => void;
}

export interface Drafts {
  get(room: string): string;
  /** Empty: takes it out. */
  set(room: string, text: string): void;
}

/** What somebody chose in chat, such as the room that is shown. */
export interface Choices {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

const prefix = 'telltale.chat';

/** @param identity id of who writes */
export function createPostKeep(identity: string, storage: Storage | undefined = browserStorage()): PostKeep {
  const begin = `${prefix}.${identity}.post.`;
  return {
    all() {
      const found: KeptPost[] = [];
      for (const name of namesOf(storage)) {
        if (!name.startsWith(begin)) continue;
        const post = keptPost(name.slice(begin.length), read(storage, name));
        if (post !== undefined) found.push(post);
      }
      return found.sort((one, other) => one.at - other.at);
    },
    has: (key) => read(storage, begin + key) !== undefined,
    put({ key, room, post, at, triedAt, refused }) {
      return write(storage, begin + key, JSON.stringify({ room, post, at, triedAt, refused }));
    },
    remove: (key) => void write(storage, begin + key, undefined),
    onOther(listener) {
      const onStorage = ({ key }: StorageEvent): void => {
        if (key === null || key.startsWith(begin)) listener();
      };
      addEventListener('storage', onStorage);
      return () => removeEventListener('storage', onStorage);
    },
  };
}

export function createDrafts(identity: string, storage: Storage | undefined = browserStorage()): Drafts {
  const nameOf = (room: string): string => `${prefix}.${identity}.draft.${room}`;
  /** As this page read or wrote it last. */
  const known = new Map<string, string>();
  return {
    get(room) {
      const text = read(storage, nameOf(room)) ?? '';
      known.set(room, text);
      return text;
    },
    set(room, text) {
      // What another page has written since is not this one's to take away.
      if (text !== '') write(storage, nameOf(room), text);
      else if (read(storage, nameOf(room)) === known.get(room)) write(storage, nameOf(room), undefined);
      known.set(room, text);
    },
  };
}

export function createChoices(identity: string, storage: Storage | undefined = browserStorage()): Choices {
  const nameOf = (name: string): string => `${prefix}.${identity}.choice.${name}`;
  return {
    get: (name) => read(storage, nameOf(name)),
    set: (name, value) => void write(storage, nameOf(name), value),
  };
}

/** Undefined: this browser lets pages keep nothing. */
function browserStorage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}

function namesOf(storage: Storage | undefined): readonly string[] {
  return Array.from({ length: storage?.length ?? 0 }, (_, index) => storage?.key(index) ?? '');
}

function read(storage: Storage | undefined, name: string): string | undefined {
  return storage?.getItem(name) ?? undefined;
}

/** @returns whether it is kept */
function write(storage: Storage | undefined, name: string, text: string | undefined): boolean {
  if (storage === undefined) return false;
  try {
    if (text === undefined) storage.removeItem(name);
    else storage.setItem(name, text);
    return true;
  } catch {
    // The storage is full.
    return false;
  }
}

/** Undefined: nothing that this page wrote. */
function keptPost(key: string, text: string | undefined): KeptPost | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text ?? 'null');
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { room, post, at, triedAt, refused } = value as Partial<KeptPost>;
  if (typeof room !== 'string' || typeof post !== 'object' || typeof at !== 'number') return undefined;
  return {
    key,
    room,
    post,
    at,
    isKept: true,
    ...(triedAt === undefined ? {} : { triedAt }),
    ...(refused === undefined ? {} : { refused }),
  };
}
