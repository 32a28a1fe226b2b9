// What people have not read: counted alike on all their devices, over edits, deletions, restarts and rooms that come.

import { describe, expect, it } from 'vitest';
import type { UserFact } from '../api.ts';
import { latestRow } from '../testing/line.ts';
import { enrol } from '../testing/test-agent.ts';
import { personAt, type TestPerson } from '../testing/test-chat.ts';
import { startTestHub, type TestHub } from '../testing/test-hub.ts';

/** Somebody who looks at what they have not read. */
async function readerAt(hub: TestHub, subject: string): Promise<TestPerson> {
  const person = await personAt(hub, subject, { path: '' });
  await person.line.request({ type: 'subscribe', channel: `user/${person.id}` });
  await person.fact('room:general', () => true);
  return person;
}

const read = (person: TestPerson, offset: number, room = 'general') =>
  person.line.request({ type: 'call', method: 'chat.read', params: { room, offset } });

type RoomFact = Extract<UserFact, { type: 'room' }>;
const standing =
  (unread: number, mentions = 0) =>
  (fact: RoomFact): boolean =>
    fact.unread === unread && fact.mentions === mentions;
const noticeOf = (person: TestPerson, offset: number, room = 'general'): unknown =>
  latestRow(person.line, `user/${person.id}`, `notice:${room}:${offset}`);

describe('what somebody has not read', () => {
  it('[CHT7] is counted without their own, told on all devices, and read on all of them at once', async () => {
    const hub = await startTestHub();
    const ada = await personAt(hub, 'ada');
    await ada.say('before bob came');
    const [phone, desk] = [await readerAt(hub, 'bob'), await readerAt(hub, 'bob')];
    await phone.fact<'room'>('room:general', standing(0));
    for (const text of ['one', 'two', 'three @bob']) await ada.say(text);
    await phone.say('mine');
    for (const device of [phone, desk]) {
      expect(await device.fact<'room'>('room:general', standing(3, 1))).toMatchObject({ read: 1 });
      expect(await device.fact<'notice'>('notice:general:4', () => true)).toEqual({
        type: 'notice',
        room: 'general',
        offset: 4,
        by: 'ada',
        kind: 'user',
        text: 'three @bob',
        at: expect.any(Number),
      });
    }
    await read(desk, 3);
    for (const device of [phone, desk]) await device.fact<'room'>('room:general', standing(1, 1));
    await read(phone, 4);
    for (const device of [phone, desk]) {
      expect(await device.fact<'room'>('room:general', standing(0))).toMatchObject({ read: 4 });
      await device.line.next(() => noticeOf(device, 4) === null);
    }
    await read(phone, 2);
    await read(phone, 1_000_000);
    await ada.say('five');
    const fact = await phone.fact<'room'>('room:general', ({ unread }) => unread === 1);
    expect(fact.read).toBe(5);
  });

  it('[CHT7] says where it was a machine that named them', async () => {
    const hub = await startTestHub();
    const agent = await enrol(hub);
    const bob = await readerAt(hub, 'bob');
    await bob.fact<'room'>('room:general', standing(0));
    const channel = 'chat/agent.web-1';
    await agent.line('').request({ type: 'publish', channel, data: { text: '@bob the disk is full' } });
    expect(await bob.fact<'notice'>('notice:agent.web-1:1', () => true)).toMatchObject({ by: 'web-1', kind: 'agent' });
  });

  it('[CHT7] goes with what is deleted, and follows what is edited', async () => {
    const hub = await startTestHub();
    const ada = await personAt(hub, 'ada');
    const bob = await readerAt(hub, 'bob');
    await ada.say('one @bob');
    await ada.say('two');
    await bob.fact<'room'>('room:general', standing(2, 1));
    await ada.post({ type: 'edited', message: 1, text: 'one for nobody' });
    await bob.fact<'room'>('room:general', standing(2, 0));
    await bob.line.next(() => noticeOf(bob, 1) === null);
    await ada.post({ type: 'edited', message: 2, text: 'two, @bob\nand <b>more</b>' });
    await bob.fact<'room'>('room:general', standing(2, 1));
    expect(await bob.fact<'notice'>('notice:general:2', () => true)).toMatchObject({
      text: 'two, @bob and <b>more</b>',
    });
    await ada.post({ type: 'reacted', message: 2, emoji: '👍', on: true });
    await ada.post({ type: 'deleted', message: 2 });
    await bob.fact<'room'>('room:general', standing(1));
    await bob.line.next(() => noticeOf(bob, 2) === null);
  });

  it('[CHT7] is there after a restart, and of rooms that were made meanwhile', async () => {
    const hub = await startTestHub();
    (await readerAt(hub, 'bob')).line.close(1000, 'away');
    const olga = await personAt(hub, 'olga', { scope: 'operator' });
    await olga.ask('/api/rooms', { room: 'ops', title: 'Ops' });
    await olga.say('in general');
    await olga.say('one', 'ops');
    await olga.say('two', 'ops');
    await hub.hub.stop();
    const again = await startTestHub({ dataDir: hub.settings.dataDir });
    const bob = await readerAt(again, 'bob');
    await bob.fact<'room'>('room:general', standing(1));
    expect(await bob.fact<'room'>('room:ops', standing(2))).toMatchObject({ read: 0 });
    await (
      await personAt(again, 'olga', { scope: 'operator' })
    ).ask('/api/rooms/archive', { room: 'ops', archived: true });
    await bob.line.next(() => latestRow(bob.line, `user/${bob.id}`, 'room:ops') === null);
  });

  it('[CHT7] names who was named before they came, and rooms about something only where they have to do with it', async () => {
    const hub = await startTestHub();
    await enrol(hub);
    await hub.beside.addUser({ username: 'carl', name: 'Carl', role: 'viewer', hash: null, now: Date.now() });
    const ada = await personAt(hub, 'ada');
    const bob = await readerAt(hub, 'bob');
    // The account was made by a command beside the hub, which looks for it once a second.
    let page = await ada.page();
    for (let count = 0; page.messages.at(-1)?.mentions.length !== 1; count++) {
      if (count > 15) throw new Error('the account is not known');
      await new Promise((resolve) => setTimeout(resolve, 250));
      await ada.say(`hello @carl. ${count}`);
      page = await ada.page();
    }
    const named = page.messages.at(-1)?.offset ?? 0;
    await ada.say('later');
    const carl = await readerAt(hub, 'carl');
    await carl.fact<'room'>('room:general', standing(2, 1));
    await carl.fact<'notice'>(`notice:general:${named}`, ({ by }) => by === 'ada');

    const room = 'agent.web-1';
    const key = `room:${room}`;
    await ada.say('to nobody', room);
    await bob.say('I am here', room);
    await ada.say('for bob', room);
    await bob.fact<'room'>(key, standing(1));
    expect(latestRow(carl.line, `user/${carl.id}`, key)).toBeUndefined();
    await ada.say('for @carl', room);
    await carl.fact<'room'>(key, standing(1, 1));
    await carl.fact<'notice'>(`notice:${room}:4`, () => true);
    const eve = await readerAt(hub, 'eve');
    await read(eve, 2, room);
    await eve.fact<'room'>(key, standing(2));
  });

  it('[CHT7] is there for who was not looking, also of rooms about something they have to do with', async () => {
    const hub = await startTestHub();
    await enrol(hub);
    const room = 'agent.web-1';
    const [ada, bob] = [await personAt(hub, 'ada'), await personAt(hub, 'bob')];
    // Here, so that the name is known, and not looking.
    await personAt(hub, 'carl');
    await bob.say('I am here', room);
    await ada.say('for bob', room);
    await ada.say('for @carl', room);
    const [bobAgain, carlAgain, eve] = [
      await readerAt(hub, 'bob'),
      await readerAt(hub, 'carl'),
      await readerAt(hub, 'eve'),
    ];
    await bobAgain.fact<'room'>(`room:${room}`, standing(2));
    await carlAgain.fact<'room'>(`room:${room}`, standing(1, 1));
    await carlAgain.fact<'notice'>(`notice:${room}:3`, ({ by }) => by === 'ada');
    expect(latestRow(eve.line, `user/${eve.id}`, `room:${room}`)).toBeUndefined();
  });

  it('is their own business', async () => {
    const hub = await startTestHub();
    const [ada, bob] = [await personAt(hub, 'ada'), await readerAt(hub, 'bob')];
    expect(await ada.line.request({ type: 'subscribe', channel: `user/${bob.id}` })).toMatchObject({ code: 4403 });
    expect(await read(ada, 1, 'no-such-room')).toMatchObject({ code: 4404 });
  });
});
