// What is counted without the database: whatever has nothing to do with the reader, edits and deletions too.

import { createGateway, type Gateway, table } from '@telltale/gateway';
import type { Identity } from '@telltale/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ChatEvent } from '../api.ts';
import type { HubChannels } from '../channels.ts';
import { LiveTable } from '../live-table.ts';
import type { InboxRoom } from '../storage/chat-inbox-operations.ts';
import { Inbox } from './inbox.ts';

const identity = { id: 'bob', issuer: 'test', subject: 'bob', kind: 'user', scope: 'viewer' } as unknown as Identity;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const notice = { offset: 8, time: 1, by: 'ada', kind: 'user', text: '@bob' } as const;

/** Of ten messages bob has read six; the eighth names him. */
const standing: InboxRoom = { room: 'general', read: 6, head: 10, unread: 4, mentions: 1, notices: [notice] };

function inboxAt(room: InboxRoom) {
  const gateway = createGateway({ channels: { 'user/:id': table('user/:id') } }) as unknown as Gateway<HubChannels>;
  onTestFinished(() => gateway.stop());
  const live = new LiveTable<`user/${string}`>({
    gateway: () => gateway,
    channel: 'user/bob',
    everyMs: 0,
    log: quiet,
    now: () => 0,
  });
  const inbox = new Inbox(identity, live);
  inbox.take(room);
  return (event: object): boolean =>
    inbox.count(room.room, {
      items: [{ data: { by: 'ada', ...event } as ChatEvent }],
      position: { epoch: 'e', offset: room.head + 1 },
    } as unknown as Parameters<Inbox['count']>[1]);
}

describe('what somebody has not read is counted without the database', () => {
  it.each([
    ['a message', { type: 'said', text: 'x' }],
    ['a reaction', { type: 'reacted', message: 8, emoji: '👍', on: true }],
    ['an edit of what was read', { type: 'edited', message: 3, text: 'x' }],
    ['an edit of what names nobody', { type: 'edited', message: 9, text: 'x', mentions: ['eve'] }],
    ['a deletion of what was read', { type: 'deleted', message: 6 }],
  ])('over %s', (_what, event) => {
    expect(inboxAt(standing)(event)).toBe(true);
  });

  it.each([
    ['a message that names them', { type: 'said', text: '@bob', mentions: ['bob'] }],
    ['an edit that names them', { type: 'edited', message: 9, text: '@bob', mentions: ['bob'] }],
    ['an edit of what named them', { type: 'edited', message: 8, text: 'x' }],
    ['a deletion of what was not read', { type: 'deleted', message: 7 }],
  ])('but not %s', (_what, event) => {
    expect(inboxAt(standing)(event)).toBe(false);
  });

  it('but not where more names them than is held, and over any deletion in a room that is not followed', () => {
    expect(inboxAt({ ...standing, mentions: 2 })({ type: 'edited', message: 7, text: 'x' })).toBe(false);
    const follower: InboxRoom = { room: 'agent-db-1', read: undefined, head: 10, unread: 0, mentions: 0, notices: [] };
    expect(inboxAt(follower)({ type: 'deleted', message: 9 })).toBe(true);
  });
});
