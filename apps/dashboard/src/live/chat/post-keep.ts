// Keeps what one person has said and the hub has not, and what they chose, in this browser: under their identity's id, so
// that whoever signs in next neither sends nor sees it. Each post has a key of its own, so that two tabs never overwrite
// each other. Where the browser keeps nothing, it lasts as long as the page.

import type { ChatPost } from '@telltale/hub/api';
import { browserStorage, keepPrefix, namesOf, read, readObject, write } from './browser-keep.ts';

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

/** What somebody chose in chat, such as the room that is shown. */
export interface Choices {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

/** @param identity id of who writes */
export function createPostKeep(identity: string, storage: Storage | undefined = browserStorage()): PostKeep {
  const begin = `${keepPrefix}.${identity}.post.`;
  return {
    all() {
      const found: KeptPost[] = [];
      for (const name of namesOf(storage)) {
        if (!name.startsWith(begin)) continue;
        const post = keptPost(name.slice(begin.length), readObject(storage, name));
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

export function createChoices(identity: string, storage: Storage | undefined = browserStorage()): Choices {
  const nameOf = (name: string): string => `${keepPrefix}.${identity}.choice.${name}`;
  return {
    get: (name) => read(storage, nameOf(name)),
    set: (name, value) => void write(storage, nameOf(name), value),
  };
}

/** Undefined: nothing that this page wrote. */
function keptPost(key: string, value: object | undefined): KeptPost | undefined {
  if (value === undefined) return undefined;
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
