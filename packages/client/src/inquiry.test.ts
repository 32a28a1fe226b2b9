// When the gateway is asked about ends that came without a word, and where its answer stands: on real sockets, on a clock
// moved by hand.

import { expect, test } from 'vitest';
import { startClient, type TestClient } from './testing/client.ts';
import { startLogServer } from './testing/log-server.ts';

/** Waits until it may be tried again, and tries. */
async function again({ connection, environment, reach }: TestClient): Promise<void> {
  const { retryAt } = await reach('waiting');
  environment.advance(retryAt - environment.now());
  expect(connection.state.kind).toBe('connecting');
}

test('[REF8] a line that is cut each minute is asked about from its second cut on, and not after a word or hours', async () => {
  // So long a heartbeat that nobody speaks while the clock is moved.
  await using server = await startLogServer({
    attempt: () => ({ state: 'admitted' }),
    welcome: { heartbeatMs: 24 * 3_600_000 },
  });
  using client = startClient(server.url);
  const cutAfter = async (ms: number, name: string): Promise<void> => {
    await client.reach('open');
    client.environment.advance(ms);
    server.cut();
    const { cause, tries } = await client.reach('waiting', (state) => state.cause.name === name);
    expect(cause).toMatchObject({ code: 1006, next: 'retry' });
    expect(tries).toBe(1);
    await again(client);
  };
  await cutAfter(60_000, 'no-close-frame');
  expect(server.asked).toHaveLength(0);
  await cutAfter(60_000, 'broken-on-the-way');
  await cutAfter(60_000, 'broken-on-the-way');
  expect(server.asked).toHaveLength(2);

  // An end that says why is none of the row.
  await client.reach('open');
  client.environment.advance(60_000);
  for (const socket of server.sockets) socket.close(1012, 'restart: restart');
  await again(client);
  await cutAfter(60_000, 'no-close-frame');
  await cutAfter(3 * 3_600_000, 'no-close-frame');
  expect(server.asked).toHaveLength(2);
  await cutAfter(60_000, 'broken-on-the-way');
  expect(server.asked).toHaveLength(3);
});

test('[CLI1] what the gateway answered is still said while it connects anew and fails again, until a session refutes it', async () => {
  await using server = await startLogServer({ httpStatus: 403, attempt: () => ({ state: 'unseen' }) });
  using client = startClient(server.url);
  await again(client);
  await client.reach('waiting', ({ cause }) => cause.name === 'never-arrived');
  await again(client);
  expect(client.connection.state).toMatchObject({
    kind: 'connecting',
    cause: { name: 'never-arrived', next: 'retry' },
  });

  const { attempt, cause } = await client.reach('waiting', (state) => state.tries === 3);
  expect((await client.reach('waiting', (state) => state.cause.name === 'never-arrived')).cause.attempt).toBe(attempt);
  expect(cause.attempt).toBe(attempt);
  expect(server.asked).toHaveLength(1);

  server.behaviour = {};
  client.connection.retryNow();
  await client.reach('open');
  server.cut();
  await client.reach('waiting', (state) => state.cause.name === 'no-close-frame' && state.cause.hint.endsWith('.'));
  expect(server.asked).toHaveLength(1);
});

test('[REF8] an attempt that is older than what the gateway remembers is not said to have never arrived', async () => {
  let rememberedMs = 59_000;
  await using server = await startLogServer({
    attempt: () => ({ state: 'unseen', rememberedMs }),
    welcome: { heartbeatMs: 24 * 3_600_000 },
  });
  using client = startClient(server.url);
  const cutAfterMinute = async (questions: number): Promise<string> => {
    await client.reach('open');
    client.environment.advance(60_000);
    server.cut();
    const { cause } = await client.reach(
      'waiting',
      ({ cause: { reason } }) =>
        server.asked.length === questions && reason !== '' && !reason.includes('was never made'),
    );
    await again(client);
    return `${cause.name}: ${cause.reason}`;
  };
  await client.reach('open');
  client.environment.advance(60_000);
  server.cut();
  await client.reach('waiting');
  await again(client);
  expect(await cutAfterMinute(1)).toMatch(/^no-close-frame: .* no longer remembers this attempt/);
  rememberedMs = 3_600_000;
  expect(await cutAfterMinute(2)).toMatch(/^never-arrived: /);
});
