// What is folded of rooms in the commit that appends it: as a plain model says, whatever comes in whichever order, and what
// was taken back is in no file.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Libsql from 'libsql';
import { describe, expect, it, onTestFinished } from 'vitest';
import { randomFrom, testSeed } from '../../../gateway/src/testing/random.ts';
import type { ChatEvent } from '../api.ts';
import { chatPageOf } from '../chat/chat-page.ts';
import { temporaryDirectory } from '../testing/directory.ts';
import { openStorageHere, type Storage } from './storage.ts';

async function open(directory: string = temporaryDirectory()): Promise<Storage> {
  const storage = await openStorageHere(directory);
  onTestFinished(() => storage.close());
  return storage;
}

const said = (text: string, by = 'ada', more: object = {}): ChatEvent => ({ by, type: 'said', text, ...more });
const edited = (message: number, text: string, more: object = {}): ChatEvent => ({
  by: 'ada',
  type: 'edited',
  message,
  text,
  ...more,
});
const deleted = (message: number, by = 'ada'): ChatEvent => ({ by, type: 'deleted', message });
const reacted = (message: number, by: string, emoji: string, on = true): ChatEvent => ({
  by,
  type: 'reacted',
  message,
  emoji,
  on,
});

const appendOf = (events: readonly ChatEvent[], room = 'general', time = 1000) => ({
  channel: `chat/${room}`,
  time,
  count: events.length,
  bodies: events.map((data) => JSON.stringify({ from: { subject: data.by, kind: 'user' }, data }).slice(1)).join('\n'),
  once: undefined,
});

/** Commits each list as one append, all of them in one commit. */
const commit = (storage: Storage, ...appends: readonly (readonly ChatEvent[])[]) =>
  storage.commitAppends(appends.map((events) => appendOf(events)));

/** Every event of a room as the log has it now. */
async function eventsOf(storage: Storage): Promise<readonly (readonly [offset: number, event: ChatEvent])[]> {
  const page = await storage.messagesAfter('chat/general', { after: 0, count: 100_000, bytes: 1e9 });
  return (page?.appends ?? []).flatMap(({ first, bodies }) =>
    bodies
      .split('\n')
      .map((body, index) => [first + index, (JSON.parse(`{${body}`) as { data: ChatEvent }).data] as const),
  );
}

interface Model {
  text: string;
  reactions: Map<string, Set<string>>;
  isDeleted: boolean;
}

/** What a reader makes of events, in their order. */
function foldOf(events: readonly (readonly [number, ChatEvent])[]): Map<number, Model> {
  const messages = new Map<number, Model>();
  for (const [offset, event] of events) {
    if (event.type === 'said') {
      messages.set(offset, { text: event.text, reactions: new Map(), isDeleted: event.deleted !== undefined });
      continue;
    }
    const message = messages.get(event.message);
    if (message === undefined || message.isDeleted) continue;
    if (event.type === 'edited') message.text = event.text ?? message.text;
    if (event.type === 'deleted') messages.set(event.message, { text: '', reactions: new Map(), isDeleted: true });
    if (event.type !== 'reacted') continue;
    const people = message.reactions.get(event.emoji) ?? new Set();
    message.reactions.set(event.emoji, people);
    if (event.on) people.add(event.by);
    else people.delete(event.by);
  }
  return messages;
}

const byEmoji = ([one]: readonly unknown[], [other]: readonly unknown[]): number =>
  String(one) < String(other) ? -1 : 1;

const plain = (messages: Map<number, Model>): unknown =>
  [...messages].map(([offset, { text, reactions, isDeleted }]) => [
    offset,
    text,
    isDeleted,
    [...reactions].flatMap(([emoji, people]) => (people.size === 0 ? [] : [[emoji, [...people].sort()]])).sort(byEmoji),
  ]);

async function pageOf(storage: Storage): Promise<unknown> {
  const { messages } = chatPageOf(await storage.chatPage('general', { before: undefined, limit: 10_000 }));
  return messages.map(({ offset, text, deleted: gone, reactions }) => [
    offset,
    text,
    gone !== null,
    Object.entries(reactions)
      .map(([emoji, people]) => [emoji, [...people].sort()])
      .sort(byEmoji),
  ]);
}

describe('a room', () => {
  it(`[CHT2] [CHT8] is folded as the events say, and as those that are left say (seed ${testSeed})`, async () => {
    const storage = await open();
    const random = randomFrom(testSeed);
    const draw = (most: number): number => Math.floor(random() * most);
    const all: (readonly [number, ChatEvent])[] = [];
    for (let round = 0; round < 60; round++) {
      const appends = Array.from({ length: 1 + draw(3) }, () =>
        Array.from({ length: 1 + draw(3) }, (): ChatEvent => {
          const message = 1 + draw(all.length + 2);
          const kind = draw(8);
          if (kind < 3)
            return said(`said ${draw(1e6)}`, draw(2) === 0 ? 'ada' : 'bob', draw(2) === 0 ? {} : { mentions: ['eve'] });
          if (kind < 5)
            return edited(message, `edited ${draw(1e6)}`, draw(2) === 0 ? {} : { mentions: ['eve', 'bob'] });
          if (kind < 6) return deleted(message, 'olga');
          return reacted(message, ['ada', 'bob'][draw(2)] ?? '', ['👍', '🎉'][draw(2)] ?? '', draw(3) > 0);
        }),
      );
      await commit(storage, ...appends);
      for (const event of appends.flat()) all.push([all.length + 1, event]);
    }
    const model = plain(foldOf(all));
    expect(await pageOf(storage)).toEqual(model);
    expect(plain(foldOf(await eventsOf(storage)))).toEqual(model);
    const left = new Set((model as [number, string][]).map(([, text]) => text));
    for (const [, event] of await eventsOf(storage))
      if ('text' in event && event.text) expect(left).toContain(event.text);
    const [bytes] = [await storage.familyBytes('chat')];
    const page = await storage.messagesAfter('chat/general', { after: 0, count: 100_000, bytes: 1e9 });
    expect(bytes).toBe(page?.appends.reduce((sum, { bodies }) => sum + Buffer.byteLength(bodies), 0));
  });

  it('[CHT2] loses nothing and keeps nothing where two do something at once', async () => {
    const storage = await open();
    await commit(storage, [said('one')]);
    // Both were right when they were judged.
    await commit(
      storage,
      [deleted(1, 'olga')],
      [edited(1, 'too late', { mentions: ['bob'] })],
      [reacted(1, 'bob', '👍')],
    );
    expect((await eventsOf(storage)).map(([, event]) => event)).toEqual([
      { by: 'ada', type: 'said', text: '', deleted: { at: 1000, by: 'olga' } },
      deleted(1, 'olga'),
      { by: 'ada', type: 'edited', message: 1, text: null },
      reacted(1, 'bob', '👍'),
    ]);
    expect(await storage.inboxesOf('general', ['bob'])).toMatchObject([['bob', { mentions: 0, unread: 0 }]]);
  });

  it('[CHT2] that was appended together with others is changed alone', async () => {
    const storage = await open();
    await commit(storage, [said('one'), said('two'), said('three')]);
    await commit(storage, [edited(2, 'zwei')], [deleted(3)]);
    expect(await pageOf(storage)).toEqual([
      [1, 'one', false, []],
      [2, 'zwei', false, []],
      [3, '', true, []],
    ]);
  });
});

describe('who has spoken', () => {
  it('is found by any way to write the name, also where it was before there was a list', async () => {
    const directory = temporaryDirectory();
    const first = await open(directory);
    await commit(first, [said('one', 'J\u00f6rg'), said('two', 'ada')], [said('three', 'ada')]);
    await commit(first, [deleted(3)]);
    await first.commitAppends([appendOf([said('four', 'jo\u0308rg')], 'ops')]);
    const expected = [
      { person: 'J\u00f6rg', subject: 'J\u00f6rg' },
      { person: 'ada', subject: 'ada' },
      { person: 'jo\u0308rg', subject: 'jo\u0308rg' },
    ];
    const found = async (storage: Storage) =>
      (await storage.speakers(['j\u00f6rg', 'ada', 'bob'])).toSorted((one, other) =>
        one.person < other.person ? -1 : 1,
      );
    expect(await found(first)).toEqual(expected);
    await first.close();
    const db = new Libsql(join(directory, 'telltale.db'));
    // As a hub left it that knew neither this migration nor the one behind it.
    db.exec(`
      drop table chat_speakers;
      drop index runs_pages;
      drop index runs_agent_pages;
      create index runs_closed on runs (closed_at);
      delete from kysely_migration where name >= '0008-chat-speakers'
    `);
    db.close();
    expect(await found(await open(directory))).toEqual(expected);
  });
});

describe('what was taken back', () => {
  it('[STO5] is in no file of the database, wherever it stood', async () => {
    const directory = temporaryDirectory();
    const storage = await open(directory);
    const secret = (size: number): string => `SECRET-${'s'.repeat(size)}`;
    // Short ones share a page, long ones fill several; what is removed between them moves others about.
    for (let count = 0; count < 120; count++) {
      await commit(storage, [said(count % 3 === 0 ? secret(count * 30) : `kept ${'k'.repeat(count * 10)}`)]);
      await storage.commitAppends([
        { ...appendOf([]), channel: 'logs/web-1/app', count: 1, bodies: `"data":"${'l'.repeat(500)}"}` },
      ]);
    }
    while (await storage.expire({ kind: 'log', channel: 'logs/web-1/app' }));
    const messages = (await eventsOf(storage)).flatMap(([offset, event]) =>
      event.type === 'said' && event.text.startsWith('SECRET') ? [offset] : [],
    );
    expect(messages).toHaveLength(40);
    for (const [index, offset] of messages.entries()) {
      if (index % 2 === 0) await commit(storage, [deleted(offset)]);
      else await commit(storage, [edited(offset, secret(20))], [edited(offset, 'harmless')]);
    }
    const files = (): string[] =>
      readdirSync(directory).filter((file) => readFileSync(join(directory, file)).includes('SECRET-'));
    expect(files()).toContain('telltale.db-wal');
    expect(await storage.foldJournalBack()).toBe(true);
    expect(files()).toEqual([]);
    const texts = ((await pageOf(storage)) as [number, string][]).map(([, text]) => text);
    expect(texts.filter((text) => text.startsWith('kept'))).toHaveLength(80);
  });

  it('is let be while somebody else reads the file, without a wait', async () => {
    const directory = temporaryDirectory();
    const storage = await open(directory);
    await commit(storage, [said('one')]);
    const reader = new Libsql(join(directory, 'telltale.db'));
    onTestFinished(() => void reader.close());
    reader.exec('begin');
    reader.prepare('select count(*) from rooms').all();
    await commit(storage, [said('two')]);
    const began = performance.now();
    expect(await storage.foldJournalBack()).toBe(false);
    expect(performance.now() - began).toBeLessThan(2_500);
    reader.exec('commit');
    expect(await storage.foldJournalBack()).toBe(true);
  });
});
