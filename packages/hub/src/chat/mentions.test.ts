// Who is named by a message: whom the pages offer is told, whether they are here or not, and nobody who may not read it.

import { expect, it } from 'vitest';
import { personAt, type TestPerson } from '../testing/test-chat.ts';
import { startTestHub, type TestHub } from '../testing/test-hub.ts';

/** Somebody speaks and goes; answers their id. */
async function spoken(hub: TestHub, subject: string, room = 'general'): Promise<string> {
  const person = await personAt(hub, subject);
  await person.say('I was here', room);
  person.line.close(1000, 'away');
  const isHere = (): boolean => [...hub.hub.gateway.sessions()].some(({ identity }) => identity.id === person.id);
  await expect.poll(isHere).toBe(false);
  return person.id;
}

async function namedBy(person: TestPerson, text: string, room = 'general'): Promise<readonly string[]> {
  const offset = await person.say(text, room);
  return (await person.page('', room)).messages.find((message) => message.offset === offset)?.mentions ?? [];
}

it('[CHT1] is also who spoke before, in any room and any script, and is not here; after a restart as well', async () => {
  const hub = await startTestHub({ chatRate: 100 });
  const [jörg, zoya] = [await spoken(hub, 'jörg'), await spoken(hub, 'Зоя')];
  const ada = await personAt(hub, 'ada');
  expect(await namedBy(ada, '@JO\u0308RG, and @зоя.')).toEqual([jörg, zoya]);
  expect(await namedBy(ada, '@jorg, @зо and jörg')).toEqual([]);
  const edited = await ada.say('to nobody');
  await ada.post({ type: 'edited', message: edited, text: 'to @jörg' });
  expect((await ada.page('?limit=1')).messages[0]?.mentions).toEqual([jörg]);
  await hub.hub.stop();
  const again = await startTestHub({ dataDir: hub.settings.dataDir });
  const back = await personAt(again, 'ada');
  expect(await namedBy(back, '@jörg')).toEqual([jörg]);
  // What waited for them is there when they come.
  const later = await personAt(again, 'jörg', { path: '' });
  await later.line.request({ type: 'subscribe', channel: `user/${jörg}` });
  await later.fact<'room'>('room:general', ({ mentions }) => mentions === 3);
});

it('[CHT1] is nobody who may not read the room, and no account that was disabled', async () => {
  const hub = await startTestHub({ chatRate: 100 });
  await hub.signIn('carl');
  const [carl, jörg] = [await spoken(hub, 'carl'), await spoken(hub, 'jörg')];
  const olga = await personAt(hub, 'olga', { scope: 'operator' });
  await olga.ask('/api/rooms', { room: 'ops', title: 'Operations', members: ['olga', 'carl'] });
  expect(await namedBy(olga, '@carl and @jörg', 'ops')).toEqual([carl]);
  expect(await namedBy(olga, '@carl and @jörg')).toEqual([carl, jörg]);
  await hub.beside.setDisabled('carl', true);
  await expect.poll(() => namedBy(olga, '@carl and @jörg'), { timeout: 5000, interval: 250 }).toEqual([jörg]);
});
