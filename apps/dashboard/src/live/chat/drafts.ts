// What one person has begun to write and not sent, kept in this browser under their identity's id: whoever signs in next
// does not see it. Each tab has its own, so that two never overwrite each other; a tab takes over what one that is gone
// has left.

import type { ChatCard, ChatMessage } from '@telltale/hub/api';
import { browserStorage, keepPrefix, namesOf, read, readObject, write } from './browser-keep.ts';
import type { Tab } from './tab.ts';

/** The message that is answered, as it is shown above the field: it may be far back. */
export interface Quoted {
  readonly offset: number;
  /** Who wrote it; undefined: that is not known here. */
  readonly subject?: string;
  readonly kind?: ChatMessage['from']['kind'];
  readonly words: string;
}

export interface Draft {
  readonly text: string;
  readonly reply?: Quoted;
  /** What goes with it. */
  readonly card?: ChatCard;
  /** The message that is changed meanwhile; how far that is has a draft of its own. */
  readonly changing?: number;
}

export interface Drafts {
  /** What this tab has begun under a name. */
  get(name: string): Draft | undefined;
  /** Undefined: takes it out. False: it could not be kept. */
  set(name: string, draft: Draft | undefined): boolean;
  /**
   * Takes over what tabs that are gone have begun there, where this one has begun nothing; undefined: it stays as it is, or
   * is another's that came at the same time.
   * Whoever asks while that is under way gets the same answer: the first to ask may be gone by then.
   */
  adopt(name: string): Promise<Draft | undefined>;
}

export interface DraftsWorld {
  readonly tab: Tab;
  readonly storage?: Storage | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves after so many milliseconds. */
  readonly pause: (ms: number) => Promise<void>;
}

type KeptDraft = Draft & { readonly at: number };

/** Where nobody says which tabs are there, one that was not written in for so long is taken to be gone. */
const quietMs = 10 * 60_000;
/** A tab that is reloaded is not there for a moment. */
const reloadMs = 3_000;

/** @param identity id of who writes */
export function createDrafts(identity: string, world: DraftsWorld): Drafts {
  const { tab, storage = browserStorage(), now, pause } = world;
  const begin = `${keepPrefix}.${identity}.begun.`;
  const keyOf = (name: string): string => `${begin}${tab.id}.${name}`;
  const keptAt = (key: string): KeptDraft | undefined => {
    const kept = readObject(storage, key) as Partial<KeptDraft> | undefined;
    return typeof kept?.text === 'string' && typeof kept.at === 'number' ? (kept as KeptDraft) : undefined;
  };
  const set: Drafts['set'] = (name, draft) => {
    const isEmpty = draft === undefined || !isBegun(draft);
    return write(storage, keyOf(name), isEmpty ? undefined : JSON.stringify({ ...draft, at: now() }));
  };
  const left = async (name: string): Promise<readonly { readonly key: string; readonly draft: KeptDraft }[]> => {
    const here = await tab.here();
    return namesOf(storage).flatMap((key) => {
      if (!key.startsWith(begin) || key === keyOf(name)) return [];
      const [owner = '', ...rest] = key.slice(begin.length).split('.');
      if (rest.join('.') !== name || here?.has(owner) === true) return [];
      const draft = keptAt(key);
      if (draft === undefined || (here === undefined && now() - draft.at < quietMs)) return [];
      return [{ key, draft }];
    });
  };
  const takeOver: Drafts['adopt'] = async (name) => {
    if (keptAt(keyOf(name)) !== undefined) return undefined;
    const missed = new Set((await left(name)).map(({ key }) => key));
    if (missed.size === 0) return undefined;
    // Of several tabs that open at once, the last one to say so has it: each of them would show it else, and send it.
    const claim = `${keepPrefix}.${identity}.claim.${name}`;
    const isClaimed = write(storage, claim, tab.id);
    await pause(reloadMs);
    if (isClaimed && read(storage, claim) !== tab.id) return undefined;
    write(storage, claim, undefined);
    const still = (await left(name)).filter(({ key }) => missed.has(key));
    if (still.length === 0 || keptAt(keyOf(name)) !== undefined) return undefined;
    const all = joined(still.map(({ draft }) => draft).sort((one, other) => one.at - other.at));
    // First kept here, then taken from there.
    if (set(name, all)) for (const { key } of still) write(storage, key, undefined);
    return all;
  };
  /** By name, while it is under way. */
  const adopting = new Map<string, Promise<Draft | undefined>>();
  return {
    get: (name) => keptAt(keyOf(name)),
    set,
    adopt(name) {
      const running = adopting.get(name) ?? takeOver(name).finally(() => adopting.delete(name));
      adopting.set(name, running);
      return running;
    },
  };
}

/** Whether there is anything in it. */
export function isBegun({ text, reply, card, changing }: Draft): boolean {
  return text !== '' || reply !== undefined || card !== undefined || changing !== undefined;
}

/** Oldest first: each text once, and of what there is only one of, the newest. */
function joined(drafts: readonly Draft[]): Draft {
  const texts = new Set(drafts.map(({ text }) => text).filter((text) => text.trim() !== ''));
  const { reply, card, changing } = Object.assign({}, ...drafts) as Partial<Draft>;
  return {
    text: [...texts].join('\n'),
    ...(reply === undefined ? {} : { reply }),
    ...(card === undefined ? {} : { card }),
    ...(changing === undefined ? {} : { changing }),
  };
}
