// The chunk that loads late: what works without it, that its absence is said, and that it is asked for again.

import { expect, test } from 'vitest';
import { startClient } from './testing/client.ts';
import { startLogServer } from './testing/log-server.ts';
import { until } from './testing/until.ts';

test('without its late chunk a page connects, reads and resumes, says what is missing, and asks again', async () => {
  await using server = await startLogServer();
  using client = startClient(server.url, {}, { isCut: true });
  const { connection, environment, lines } = client;
  const complaints = () => lines.filter(({ text }) => text === 'part of the client is missing');
  await client.reach('open');
  await until('the complaint', () => complaints().length === 1);
  expect(complaints()[0]).toMatchObject({ level: 'warn', fields: { error: { message: 'no such chunk' } } });

  const seen: unknown[] = [];
  connection.subscribe('chat/general', (event) => {
    if (event.type === 'messages') seen.push(...event.messages.map(({ data }) => data));
  });
  server.publish('chat/general', 'a');
  await until('the message', () => seen.length === 1);
  expect(await connection.publish('chat/general', 'mine')).toEqual({ kind: 'expired', uncertain: false });
  await expect(connection.call('run.cancel')).rejects.toMatchObject({ code: 1006, retryable: true });

  // An end has at least the short words, and the next attempt asks again.
  server.cut();
  const { cause } = await client.reach('waiting');
  expect(cause).toMatchObject({ code: 1006, name: 'no-close-frame', reason: 'no close frame', hint: 'retry' });
  server.publish('chat/general', 'b');
  environment.isCut = false;
  connection.retryNow();
  await client.reach('open');
  await until('what came while it was away', () => seen.length === 2);
  expect(seen).toEqual(['a', 'b']);
  await until('a round trip', () => connection.roundTripMs !== undefined);
  expect(await connection.publish('chat/general', 'mine')).toMatchObject({ kind: 'published' });
  server.cut();
  await client.reach('waiting', (state) => state.cause.hint.endsWith('.'));
});

test('it is fetched once, and never watches for a connection that nobody opened', async () => {
  await using server = await startLogServer();
  using client = startClient(server.url);
  const { connection, environment } = client;
  await client.reach('open');
  await until('a round trip', () => connection.roundTripMs !== undefined);
  connection.close();
  // Asked while closed it loads nothing anew, and the page's signals open nothing.
  const outcome = connection.publish('chat/general', 'later', { keepFor: 1_000 });
  environment.signal('offline');
  environment.signal('online');
  environment.signal('wake');
  expect(connection.state.kind).toBe('closed');
  environment.advance(1_000);
  expect(await outcome).toEqual({ kind: 'expired', uncertain: false });
  expect(server.upgrades).toHaveLength(1);
});
