// What is said in rooms, over real sockets and by HTTP: shape, sender, what can be taken back and by whom, pages of history,
// rates and sizes in words.

import { describe, expect, it } from 'vitest';
import type { ChatEvent, ChatPost } from '../api.ts';
import { connect, isWelcome } from '../testing/line.ts';
import { enrol } from '../testing/test-agent.ts';
import { eventsOf, personAt, textsOf } from '../testing/test-chat.ts';
import { startTestHub } from '../testing/test-hub.ts';

describe('what is said in a room', () => {
  it('[CHT1] [PUB2] is stored with its sender and by whom it is, whatever the sender adds', async () => {
    const hub = await startTestHub();
    const [ada, bob] = [await personAt(hub, 'ada'), await personAt(hub, 'bob')];
    expect(await ada.say('hello @bob, and nobody@example.com')).toBe(1);
    expect(await ada.post({ text: 'x', by: bob.id } as unknown as ChatPost)).toMatchObject({ code: 4400 });
    expect(await bob.post({ type: 'said', text: 'hello', reply: 1, card: { type: 'run', run: 'abc' } })).toMatchObject({
      data: { position: { offset: 2 } },
    });
    await bob.line.next((frame) => JSON.stringify(frame).includes('"reply":1'));
    // Both may have come in one frame.
    expect(eventsOf(bob.line).at(-1)).toMatchObject({
      offset: 2,
      from: { subject: 'bob', kind: 'user' },
      data: { by: bob.id, type: 'said', text: 'hello', reply: 1, card: { type: 'run', run: 'abc' } },
    });
    expect(eventsOf(bob.line)[0]?.data).toEqual({
      by: ada.id,
      type: 'said',
      text: 'hello @bob, and nobody@example.com',
      mentions: [bob.id],
    });
    const { position, messages, more } = await bob.page();
    expect([position?.offset, more]).toEqual([2, false]);
    expect(messages[0]).toEqual({
      offset: 1,
      time: expect.any(Number),
      from: { id: ada.id, subject: 'ada', kind: 'user', name: null },
      text: 'hello @bob, and nobody@example.com',
      reply: null,
      card: null,
      mentions: [bob.id],
      editedAt: null,
      deleted: null,
      reactions: {},
    });
  });

  it('outlives the hub, with the same offsets and epoch', async () => {
    const hub = await startTestHub();
    const ada = await personAt(hub, 'ada');
    for (const text of ['one', 'two', 'three']) await ada.say(text);
    const before = await ada.page();
    await hub.hub.stop();
    const again = await startTestHub({ dataDir: hub.settings.dataDir });
    const back = await personAt(again, 'ada');
    expect(await back.page()).toEqual(before);
    expect(await back.say('four')).toBe(4);
    expect((await back.page()).position).toEqual({ ...before.position, offset: 4 });
  });

  it('[ONC1] is stored once, however often it is sent', async () => {
    const hub = await startTestHub();
    const ada = await personAt(hub, 'ada');
    const message = {
      type: 'publish',
      channel: 'chat/general',
      data: { text: 'once' },
      once: { producer: 'p'.repeat(22), seq: 1 },
    };
    const first = (await ada.line.request(message))['data'];
    const other = await personAt(hub, 'ada');
    expect((await other.line.request(message))['data']).toEqual({ ...(first as object), duplicate: true });
    expect(textsOf(await ada.page())).toEqual(['once']);
  });

  it('[ONC6] is told as stored to its sender, who may not write there any more, by frame and by HTTP, and to nobody else', async () => {
    const hub = await startTestHub();
    const olga = await personAt(hub, 'olga', { path: '', scope: 'operator' });
    // How the right to write is taken away, and what somebody who never had it is told.
    const ways = [
      ['plans', { members: ['ada'] }, ['members', { members: ['olga'] }], 'user eve may not write to chat/plans'],
      ['news', {}, ['writers', { writers: 'operators' }], 'user eve may not write to chat/news'],
      ['old', {}, ['archive', { archived: true }], expect.stringContaining('the room old was archived on')],
    ] as const;
    const messageTo = (room: string) => ({
      channel: `chat/${room}`,
      data: { text: `to ${room}` },
      once: { producer: 'p'.repeat(22), seq: 1 },
    });
    const before = await personAt(hub, 'ada');
    for (const [room, options] of ways) {
      await olga.ask('/api/rooms', { room, title: room, ...options });
      await before.line.request({ type: 'publish', ...messageTo(room) });
    }
    await hub.hub.stop();

    const again = await startTestHub({ dataDir: hub.settings.dataDir });
    const back = await personAt(again, 'olga', { path: '', scope: 'operator' });
    const [ada, eve] = [await personAt(again, 'ada'), await personAt(again, 'eve')];
    for (const [room, , [change, ask], refusal] of ways) {
      expect((await back.ask(`/api/rooms/${change}`, { room, ...ask })).status).toBe(200);
      const message = messageTo(room);
      expect(await ada.line.request({ type: 'publish', ...message })).toMatchObject({
        type: 'result',
        data: { position: { offset: 1 }, duplicate: true },
      });
      expect((await ada.ask('/api/publish', message)).json).toMatchObject({ position: { offset: 1 }, duplicate: true });
      const next = { ...message, once: { ...message.once, seq: 2 } };
      expect(await ada.line.request({ type: 'publish', ...next })).toMatchObject({ code: 4403, retryable: false });
      expect(await eve.line.request({ type: 'publish', ...message })).toMatchObject({ code: 4403, message: refusal });
    }
    for (const room of ['news', 'old']) expect(textsOf(await ada.page('', room))).toEqual([`to ${room}`]);
    expect(textsOf(await back.page('', 'plans'))).toEqual(['to plans']);
  });

  it('[CHT8] is paged back without a seam or an end, as of the head of the live log', async () => {
    const hub = await startTestHub();
    const ada = await personAt(hub, 'ada');
    for (let batch = 0; batch < 4; batch++) {
      const posts = Array.from({ length: 5 }, (_, index) => ({ data: { text: `${batch * 5 + index}` } }));
      await ada.line.request({ type: 'publish', channel: 'chat/general', batch: posts });
    }
    const bob = await personAt(hub, 'bob');
    await bob.post({ type: 'reacted', message: 20, emoji: '👍', on: true });
    await bob.post({ type: 'deleted', message: 20 });
    const found: string[] = [];
    let before: number | undefined;
    for (;;) {
      const { messages, more, position } = await ada.page(`?limit=7${before === undefined ? '' : `&before=${before}`}`);
      expect(position?.offset).toBe(21);
      found.unshift(...messages.map(({ text }) => text));
      before = messages[0]?.offset;
      if (!more) break;
    }
    expect(found).toEqual(Array.from({ length: 20 }, (_, index) => `${index}`));
    expect((await ada.page('?limit=1')).messages[0]?.reactions).toEqual({ '👍': [bob.id] });
    for (const query of ['?limit=0', '?limit=201', '?before=x', '?before=-1', '?other=1']) {
      expect((await hub.ask(`/api/rooms/general/messages${query}`)).status).toBe(400);
    }
  });
});

describe('a message', () => {
  it('[STO5] is edited by who wrote it: who is there gets the event, who comes later the new text only', async () => {
    const hub = await startTestHub();
    const [ada, bob] = [await personAt(hub, 'ada'), await personAt(hub, 'bob')];
    await ada.say('frist @bob');
    await bob.line.next((frame) => JSON.stringify(frame).includes('frist'));
    expect(await bob.post({ type: 'edited', message: 1, text: 'mine' })).toMatchObject({
      code: 4403,
      message: 'message 1 is not yours: only who wrote it can edit it',
    });
    await ada.post({ type: 'edited', message: 1, text: 'second' });
    await bob.line.next((frame) => JSON.stringify(frame).includes('"second"'));
    await ada.post({ type: 'edited', message: 1, text: 'third' });
    await bob.line.next((frame) => JSON.stringify(frame).includes('"third"'));
    expect(eventsOf(bob.line).map(({ data }) => data)).toEqual([
      { by: ada.id, type: 'said', text: 'frist @bob', mentions: [bob.id] },
      { by: ada.id, type: 'edited', message: 1, text: 'second' },
      { by: ada.id, type: 'edited', message: 1, text: 'third' },
    ]);
    const eve = await personAt(hub, 'eve');
    await eve.line.next((frame) => JSON.stringify(frame).includes('third'));
    const [said, ...edits] = eventsOf(eve.line);
    expect(said?.data).toEqual({ by: ada.id, type: 'said', text: 'third', editedAt: expect.any(Number) });
    expect(edits.map(({ offset, data }) => [offset, data.type === 'edited' && data.text])).toEqual([
      [2, null],
      [3, 'third'],
    ]);
    expect(JSON.stringify(eve.line.frames)).not.toMatch(/frist|second/);
    const raw = await hub.ask('/api/channels/chat/general/messages', { headers: ada.headers });
    expect(raw.text).not.toMatch(/frist|second/);
    expect((await ada.page()).messages).toMatchObject([{ text: 'third', mentions: [], editedAt: expect.any(Number) }]);
  });

  it('[STO5] is deleted by who wrote it or by an operator, with its edits, its card and its reactions', async () => {
    const hub = await startTestHub();
    const [ada, bob] = [await personAt(hub, 'ada'), await personAt(hub, 'bob')];
    const olga = await personAt(hub, 'olga', { scope: 'operator' });
    await ada.post({ text: 'a secret', reply: 1, card: { type: 'run', run: 'abc' } });
    await ada.say('first');
    await ada.post({ text: 'a secret', reply: 1, card: { type: 'run', run: 'abc' } });
    await ada.post({ type: 'edited', message: 2, text: 'a worse secret' });
    await bob.post({ type: 'reacted', message: 2, emoji: '🙈', on: true });
    expect(await bob.post({ type: 'deleted', message: 2 })).toMatchObject({ code: 4403 });
    expect(await olga.post({ type: 'deleted', message: 2 })).toMatchObject({ type: 'result' });
    expect(await ada.post({ type: 'deleted', message: 1 })).toMatchObject({ type: 'result' });
    const gone = { by: ada.id, type: 'said', text: '', deleted: { at: expect.any(Number), by: olga.id } };
    const raw = (await hub.ask('/api/channels/chat/general/messages', { headers: ada.headers })).json;
    expect((raw.messages as { data: ChatEvent }[]).map(({ data }) => data)).toEqual([
      { ...gone, deleted: { at: expect.any(Number), by: ada.id } },
      { ...gone, reply: 1 },
      { by: ada.id, type: 'edited', message: 2, text: null },
      { by: bob.id, type: 'reacted', message: 2, emoji: '🙈', on: true },
      { by: olga.id, type: 'deleted', message: 2 },
      { by: ada.id, type: 'deleted', message: 1 },
    ]);
    const [, second] = (await ada.page()).messages;
    expect(second).toMatchObject({ text: '', card: null, reply: 1, editedAt: null, reactions: {} });
    for (const post of [
      { type: 'edited', message: 2, text: 'again' },
      { type: 'deleted', message: 2 },
      { type: 'reacted', message: 2, emoji: '👍', on: true },
    ] as const) {
      expect(await ada.post(post)).toMatchObject({ code: 4404, message: expect.stringContaining('was deleted') });
    }
  });

  it('has reactions, each person’s once', async () => {
    const hub = await startTestHub();
    const [ada, bob] = [await personAt(hub, 'ada'), await personAt(hub, 'bob')];
    await ada.say('look');
    const react = (who: typeof ada, emoji: string, on = true) => who.post({ type: 'reacted', message: 1, emoji, on });
    for (const emoji of ['👍', '👍', '👩‍💻', '1️⃣', '🇩🇪'])
      expect(await react(ada, emoji)).toMatchObject({ type: 'result' });
    await react(bob, '👍');
    await react(ada, '🇩🇪', false);
    expect((await ada.page()).messages[0]?.reactions).toEqual({
      '👍': [ada.id, bob.id],
      '👩‍💻': [ada.id],
      '1️⃣': [ada.id],
    });
    for (const wrong of ['', 'a', '1', '👍👍', '__proto__', 'constructor', '\u200d', '<b>', '👍'.repeat(9)]) {
      expect(await react(ada, wrong)).toMatchObject({ code: 4400 });
    }
  });

  it('[CHT1] answers, edits, deletes and marks only what was said in this room', async () => {
    const hub = await startTestHub();
    const ada = await personAt(hub, 'ada');
    await ada.say('one');
    await ada.post({ type: 'reacted', message: 1, emoji: '👍', on: true });
    for (const message of [2, 3, 9_007_199_254_740_991]) {
      for (const post of [
        { text: 'a reply', reply: message },
        { type: 'edited', message, text: 'x' },
        { type: 'deleted', message },
        { type: 'reacted', message, emoji: '👍', on: true },
      ] as const) {
        expect(await ada.post(post)).toMatchObject({
          code: 4404,
          retryable: false,
          message: `found no message ${message} in the room general, expected one that was said there`,
        });
      }
    }
  });
});

describe('who may speak', () => {
  it('[CHT4] is no one unknown, and an agent in its own room only, shown as one', async () => {
    const hub = await startTestHub();
    const agent = await enrol(hub);
    const reporting = agent.line('');
    await reporting.next(isWelcome);
    const said = await reporting.request({
      type: 'publish',
      channel: 'chat/agent.web-1',
      data: { text: 'the backup is late' },
    });
    expect(said).toMatchObject({ data: { position: { offset: 1 } } });
    for (const room of ['general', 'agent.web-2', 'agent.local']) {
      const answer = await reporting.request({ type: 'publish', channel: `chat/${room}`, data: { text: 'x' } });
      expect(answer['code']).toBe(room === 'agent.web-2' ? 4404 : 4403);
    }
    expect(await reporting.request({ type: 'subscribe', channel: 'chat/agent.web-1' })).toMatchObject({ code: 4403 });
    const ada = await personAt(hub, 'ada', { path: 'chat/agent.web-1/' });
    expect((await ada.page('', 'agent.web-1')).messages).toMatchObject([
      { text: 'the backup is late', from: { subject: 'web-1', kind: 'agent' } },
    ]);
    const nobody = connect(hub, '/ws/chat/general/');
    expect(await nobody.next(isWelcome)).toMatchObject({ channels: ['chat/general', 'presence/general'] });
    const asked = (frame: Record<string, unknown>) => nobody.request(frame).then(({ code }) => code);
    expect(await asked({ type: 'publish', channel: 'chat/general', data: { text: 'x' } })).toBe(4403);
    for (const channel of ['chat/agent.web-1', 'presence/agent.web-1', 'rooms', `user/${ada.id}`]) {
      expect(await asked({ type: 'subscribe', channel })).toBe(4403);
    }
    expect(await asked({ type: 'call', method: 'chat.typing', params: { room: 'general', typing: true } })).toBe(4403);
    expect((await hub.ask('/api/rooms/agent.web-1/messages')).status).toBe(404);
    expect((await hub.ask('/api/rooms/general/messages')).status).toBe(200);
  });
});
