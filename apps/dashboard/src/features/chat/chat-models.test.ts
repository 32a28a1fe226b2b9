import type { ChatMessage, PresenceRow, RoomRow, UserFact } from '@telltale/hub/api';
import { describe, expect, it } from 'vitest';
import type { WaitingPost } from '../../live/chat/outbox.ts';
import { announcement, hereWords, quoteWords, typingWords, waitingWords } from './chat-words.ts';
import { begunName, offeredPeople, peopleOf, withName, type Person } from './mention-model.ts';
import { aboutOf, roomNameOf, roomsOf } from './rooms-model.ts';
import { dayWords, rowsOf } from './rows-model.ts';
import { unreadOf } from './unread.ts';

const noon = new Date(2026, 10, 26, 12).getTime();
const minute = 60_000;

function message(offset: number, more: Partial<ChatMessage> & { readonly by?: string } = {}): ChatMessage {
  const { by = 'ada', ...rest } = more;
  return {
    offset,
    time: noon + offset * 1_000,
    from: { id: by, subject: by, kind: 'user', name: null },
    text: `text ${offset}`,
    reply: null,
    card: null,
    mentions: [],
    editedAt: null,
    deleted: null,
    reactions: {},
    ...rest,
  };
}
function waiting(more: Partial<WaitingPost> = {}): WaitingPost {
  return { key: 'w1', room: 'general', post: { text: 'x' }, at: noon, state: { kind: 'waiting' }, ...more };
}

describe('rows of a room', () => {
  const shape = (question: Partial<Parameters<typeof rowsOf>[0]>): readonly string[] =>
    rowsOf({ messages: [], waiting: [], readUpTo: undefined, me: 'me', hasNewer: false, ...question }).map((row) =>
      row.kind === 'message' || row.kind === 'waiting' ? `${row.key}${row.isFirst ? ' head' : ''}` : row.kind,
    );

  it('put messages of one person under one head, until somebody else speaks, time passes or they answer', () => {
    const messages = [
      message(1),
      message(2),
      message(3, { by: 'bob' }),
      message(4, { by: 'bob', time: noon + 6 * minute }),
      message(5, { by: 'bob', time: noon + 6 * minute, reply: 1 }),
    ];
    expect(shape({ messages })).toEqual(['top', 'day', '1 head', '2', '3 head', '4 head', '5 head']);
  });

  it('carry what they answer as it is now, where it is here', () => {
    const quotes = (first: ChatMessage): readonly unknown[] =>
      rowsOf({
        messages: [first, message(2, { reply: 1 }), message(3, { reply: 9 })],
        waiting: [],
        readUpTo: 0,
        me: 'me',
        hasNewer: false,
      })
        .filter((row) => row.kind === 'message')
        .map(({ quoted }) => quoted);
    for (const first of [message(1), message(1, { deleted: { at: noon, by: 'ada' } })]) {
      expect(quotes(first)).toEqual([undefined, first, undefined]);
    }
  });

  it('begin each day anew', () => {
    const messages = [message(1, { time: noon - 24 * 60 * minute }), message(2)];
    expect(shape({ messages })).toEqual(['top', 'day', '1 head', 'day', '2 head']);
  });

  it('mark where the unread of others begins, once, and not over a whole room', () => {
    const messages = [message(1), message(2, { by: 'me' }), message(3), message(4)];
    expect(shape({ messages, readUpTo: 1 })).toEqual(['top', 'day', '1 head', '2 head', 'unread', '3 head', '4']);
    expect(shape({ messages, readUpTo: 0 })).not.toContain('unread');
    expect(shape({ messages, readUpTo: 9 })).not.toContain('unread');
  });

  it('end with what waits; changes that wait stand at their message', () => {
    const posts = [
      waiting(),
      waiting({ key: 'w2', post: { type: 'deleted', message: 1 } }),
      waiting({ key: 'w3', post: { type: 'said', text: 'y' } }),
    ];
    expect(shape({ messages: [message(1)], waiting: posts })).toEqual(['top', 'day', '1 head', 'w1 head', 'w3']);
    expect(shape({ messages: [message(1, { by: 'me' })], waiting: posts }).slice(-2)).toEqual(['w1', 'w3']);
    // One that was refused is told, though its message is far back.
    const far = waiting({ key: 'w4', post: { type: 'edited', message: 9, text: 'z' } });
    const refused = waiting({ ...far, state: { kind: 'refused', code: 4403, reason: 'archived' } });
    expect(shape({ messages: [message(1)], waiting: [far] })).toEqual(['top', 'day', '1 head']);
    expect(shape({ messages: [message(1)], waiting: [refused] })).toEqual(['top', 'day', '1 head', 'w4 head']);
    expect(shape({ messages: [message(9)], waiting: [refused] })).toEqual(['top', 'day', '9 head']);
    // In the past they would stand among others: they do behind the newest.
    expect(shape({ messages: [message(1)], waiting: posts, hasNewer: true })).toEqual(['top', 'day', '1 head', 'end']);
  });

  it('name days', () => {
    expect(dayWords(noon, noon)).toBe('Today');
    expect(dayWords(noon - 24 * 60 * minute, noon)).toBe('Yesterday');
    expect(dayWords(noon - 6 * 24 * 60 * minute, noon)).toBe('Fri 2026-11-20');
  });
});

describe('rooms', () => {
  const row = (room: string, more: Partial<RoomRow> = {}): RoomRow => ({
    room,
    title: room,
    about: null,
    writers: 'viewers',
    members: null,
    archivedAt: null,
    lastOffset: 1,
    lastAt: 1,
    ...more,
  });
  const fact = (room: string, unread: number, mentions = 0): UserFact => ({
    type: 'room',
    room,
    read: 0,
    unread,
    mentions,
  });

  it('are offered by what one looks at, who named one, what is unread, what is new; archived ones last', () => {
    const rows = [
      row('old', { archivedAt: 5, lastAt: 99 }),
      row('quiet', { lastAt: 2 }),
      row('busy', { lastAt: 50 }),
      row('unread'),
      row('named'),
      row('general'),
      row('agent.web-1', { about: { type: 'agent', id: 'web-1' }, title: 'web-1' }),
    ];
    const facts = [fact('unread', 3), fact('named', 1, 1)];
    const names = roomsOf(rows, facts, aboutOf('/agents/web-1')).map(({ room }) => room);
    expect(names).toEqual(['agent.web-1', 'general', 'named', 'unread', 'busy', 'quiet', 'old']);
  });

  it('about something are offered before anybody spoke there', () => {
    expect(roomsOf([row('general')], [], aboutOf('/runs/k3x'))[0]).toMatchObject({
      room: 'run.k3x',
      title: 'k3x',
      kind: 'run',
      isNew: true,
      isHere: true,
    });
    const longest = 'x'.repeat(64);
    expect(aboutOf(`/agents/${longest}`)).toEqual({ room: `agent.${longest}`, id: longest, type: 'agent' });
    for (const path of ['/', '/agents', '/agents/', '/chat/general', '/agents/%2e%2e%2f']) {
      expect(aboutOf(path)).toBeUndefined();
    }
  });

  it('add up to what is unread', () => {
    const notice = { type: 'notice', room: 'a', offset: 1, by: 'b', kind: 'user', text: 'c', at: 1 } as const;
    expect(unreadOf([fact('a', 2, 1), notice, fact('b', 3)])).toEqual({ messages: 5, mentions: 1 });
  });

  it('are named after a title', () => {
    expect(roomNameOf('Größe & Co. — On call')).toBe('gro-e-co.-on-call');
    expect(roomNameOf('…')).toBe('');
  });
});

describe('a name that is typed', () => {
  const people: readonly Person[] = [
    { id: '1', subject: 'jonas', name: 'Jonas Adam' },
    { id: '2', subject: 'ada', name: null },
    { id: '2', subject: 'ada', name: null },
    { id: '3', subject: 'ad am', name: null },
    { id: 'me', subject: 'adele', name: null },
  ];

  it('begins behind an @ that is in no word', () => {
    expect(begunName('hi @ad', 6)).toEqual({ from: 3, query: 'ad' });
    expect(begunName('@', 1)).toEqual({ from: 0, query: '' });
    expect(begunName('hi @ad', 2)).toBeUndefined();
    for (const text of ['a@b', 'x @a b', 'ada@']) expect(begunName(text, text.length)).toBeUndefined();
  });

  it('is offered by its beginning, then by what it contains, each person once and never oneself', () => {
    expect(offeredPeople(people, 'ad', 'me').map(({ subject }) => subject)).toEqual(['ada', 'jonas']);
  });

  it('is of who is here and of people who spoke here, once, in any script; an agent is told nothing', () => {
    const here = { id: 'bob', subject: 'bob', name: 'Bob' };
    const agent = { id: 'w', subject: 'web-1', kind: 'agent', name: null } as const;
    const spoke = [message(1, { by: 'bob' }), message(2, { from: agent }), message(3, { by: 'J\u00f6rg' })];
    const found = peopleOf(spoke, [here]);
    expect(found).toEqual([here, { id: 'J\u00f6rg', subject: 'J\u00f6rg', name: null }]);
    expect(offeredPeople(found, 'jo\u0308', 'me').map(({ subject }) => subject)).toEqual(['J\u00f6rg']);
  });

  it('that is whole already is not offered', () => {
    expect(offeredPeople(people, 'jonas', 'me')).toEqual([]);
    expect(offeredPeople(people, 'jona', 'me')).toHaveLength(1);
  });

  it('is completed with a space behind it', () => {
    const ada = people[1] as Person;
    expect(withName('hi @ad', { from: 3, query: 'ad' }, ada)).toEqual({ text: 'hi @ada ', caret: 8 });
    expect(withName('hi @ad there', { from: 3, query: 'ad' }, ada)).toEqual({ text: 'hi @ada there', caret: 8 });
  });
});

describe('words', () => {
  it('say how it stands with what waits', () => {
    const words = (more: Partial<WaitingPost>, isUp = true): string | undefined =>
      waitingWords(waiting(more), isUp)?.words;
    expect(words({}, false)).toBe('waiting, sent when the line is back');
    expect(words({})).toBe('waiting for the hub to store it');
    expect(words({ state: { kind: 'asked' } })).toBe('waiting for the hub to store it');
    expect(words({ state: { kind: 'waiting', why: 'more than 5 a second' } })).toBe('waiting: more than 5 a second');
    expect(words({ state: { kind: 'stored', offset: 1 } })).toBeUndefined();
    const refused = { kind: 'refused', code: 4403, reason: 'the room is archived' } as const;
    expect(words({ state: refused })).toBe('not sent: the room is archived');
    expect(words({ state: refused, post: { text: 'x'.repeat(4_212) } })).toBe('not sent: too long by 212 characters');
    expect(words({ state: refused, post: { type: 'deleted', message: 1 } })).toBe('not deleted: the room is archived');
  });

  it('say who is there and who types, but not oneself', () => {
    const person = (subject: string, more: Partial<PresenceRow> = {}): PresenceRow => ({
      id: subject,
      subject,
      name: null,
      kind: 'user',
      state: 'here',
      typingUntil: null,
      since: 1,
      ...more,
    });
    const types = { typingUntil: noon + 1 };
    const rows = [person('ada', types), person('bob', { state: 'away' }), person('cy', { typingUntil: noon - 1 })];
    expect(hereWords(rows)).toBe('2 here, 1 away');
    expect(typingWords(rows, 'ada', noon)).toBe('');
    expect(typingWords(rows, 'bob', noon)).toBe('ada is typing');
    expect(typingWords([person('a', types), person('b', types)], undefined, noon)).toBe('a and b are typing');
    expect(
      typingWords(
        ['a', 'b', 'c'].map((name) => person(name, types)),
        undefined,
        noon,
      ),
    ).toBe('3 people are typing');
  });

  it('tell of what came, one by one or how many', () => {
    expect(announcement([])).toBeUndefined();
    expect(announcement([message(1)])).toBe('ada: text 1');
    const from = { id: 'web-1', subject: 'web-1', kind: 'agent', name: null } as const;
    expect(announcement([message(1, { from })])).toBe('agent web-1: text 1');
    expect(announcement([message(1), message(2)])).toBe('2 new messages');
  });

  it('quote a message in a line', () => {
    expect(quoteWords(message(1, { text: '**a**\n\n`b`' }))).toBe('a b');
    expect(quoteWords(message(1, { deleted: { at: 1, by: 'x' } }))).toBe('deleted');
    expect(quoteWords(message(1, { text: 'x'.repeat(500) }))).toHaveLength(121);
  });
});
