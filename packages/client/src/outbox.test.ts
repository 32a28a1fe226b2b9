// What is published: sent once, kept while the line is away, given up in time, never sent for another.

import { describe, expect, test } from 'vitest';
import { startClient, type TestClient } from './testing/client.ts';
import { type LogServer, startLogServer } from './testing/log-server.ts';
import { until } from './testing/until.ts';

const publishes = (server: LogServer) => server.received.filter(({ type }) => type === 'publish');
const stored = (server: LogServer, channel = 'chat/general') => server.log(channel).messages.map(({ data }) => data);
async function comeBack(client: TestClient): Promise<void> {
  await client.reach('waiting');
  client.connection.retryNow();
  await client.reach('open');
}
async function startPair(): Promise<{ server: LogServer; client: TestClient }> {
  const server = await startLogServer();
  const client = startClient(server.url);
  await client.reach('open');
  // The outbox comes in a chunk of its own.
  await client.connection.call('warm.up');
  return { server, client };
}

describe('publishing', () => {
  test('[PUB1] a result brings the position; numbers rise by one per channel', async () => {
    const { server, client } = await startPair();
    for (const data of ['a', 'b']) {
      const outcome = await client.connection.publish('chat/general', data);
      expect(outcome).toMatchObject({ kind: 'published', result: { channel: 'chat/general' } });
    }
    expect(publishes(server).map(({ once }) => once?.seq)).toEqual([1, 2]);
    expect(stored(server)).toEqual(['a', 'b']);
    client.connection.close();
    await server.stop();
  });

  test('[PUB5] what gathers behind an unanswered frame leaves as one batch that fits', async () => {
    const { server, client } = await startPair();
    const text = 'x'.repeat(20_000);
    const outcomes = await Promise.all(
      ['a', ...Array<string>(7).fill(text)].map((data) => client.connection.publish('chat/general', data)),
    );
    expect(outcomes.every(({ kind }) => kind === 'published')).toBe(true);
    expect(publishes(server).map(({ batch }) => batch?.length ?? 1)).toEqual([4, 3, 1]);
    expect(publishes(server).every((frame) => JSON.stringify(frame).length <= 65_536)).toBe(true);
    client.connection.close();
    await server.stop();
  });

  test('what can’t be sent is said before it is', async () => {
    const { server, client } = await startPair();
    const { publish } = client.connection;
    const circular: { self?: unknown } = {};
    circular.self = circular;
    let deep: unknown = 1;
    for (let n = 0; n < 40; n++) deep = [deep];
    expect(await publish('chat/general', 'x'.repeat(70_000))).toMatchObject({ kind: 'refused', code: 1009 });
    expect(await publish('chat/general', circular)).toMatchObject({ kind: 'refused', code: 4400 });
    expect(await publish('chat/general', undefined)).toMatchObject({ kind: 'refused', code: 4400 });
    expect(await publish('chat/general', deep)).toMatchObject({ kind: 'refused', code: 4400 });
    expect(await publish('agents', 1, { key: '' })).toMatchObject({ kind: 'refused', code: 4400 });
    expect(publishes(server)).toHaveLength(0);
    client.connection.close();
    await server.stop();
  });

  test('[ONC4] a final error uses the number up; one bad message of a batch takes no other with it', async () => {
    const { server, client } = await startPair();
    server.behaviour.isBad = (data) => data === 'bad';
    const outcomes = await Promise.all(
      ['good', 'bad', 'fine'].map((data) => client.connection.publish('chat/general', data)),
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(['published', 'refused', 'published']);
    expect(stored(server)).toEqual(['good', 'fine']);
    expect(publishes(server).map(({ once, batch }) => [once?.seq, batch?.length ?? 1])).toEqual([
      [1, 3],
      [2, 1],
      [3, 1],
      [4, 1],
    ]);
    client.connection.close();
    await server.stop();
  });

  test('[SES5] a retryable error is sent again, same number, after the time it named', async () => {
    const { server, client } = await startPair();
    server.behaviour.onFrame = (frame, socket) => {
      if (frame.type !== 'publish') return false;
      socket.send(
        JSON.stringify({
          type: 'error',
          id: frame.id,
          code: 4429,
          message: 'slow down',
          retryable: true,
          retryAfterMs: 900,
        }),
      );
      server.behaviour = {};
      return true;
    };
    const outcome = client.connection.publish('chat/general', 'a');
    await until('the error', () => client.lines.some(({ text }) => text === 'publish delayed'));
    expect(publishes(server)).toHaveLength(1);
    client.environment.advance(900);
    expect(await outcome).toMatchObject({ kind: 'published' });
    expect(publishes(server).map(({ once }) => once?.seq)).toEqual([1, 1]);
    client.connection.close();
    await server.stop();
  });
});

describe('breaks', () => {
  test('[CLI8] [ONC1] what was sent without an answer is sent again under its number and stored once', async () => {
    const { server, client } = await startPair();
    server.behaviour.onFrame = (frame, socket) => {
      if (frame.type !== 'publish') return false;
      server.behaviour = {};
      // Stored, but the answer is lost with the line.
      socket.send = () => {};
      queueMicrotask(() => socket.terminate());
      return false;
    };
    const outcome = client.connection.publish('chat/general', 'once');
    await comeBack(client);
    expect(await outcome).toMatchObject({ kind: 'published', result: { duplicate: true } });
    expect(stored(server)).toEqual(['once']);
    client.connection.close();
    await server.stop();
  });

  test('[CLI8] what is published while the line is away is sent when it is back, in order', async () => {
    const { server, client } = await startPair();
    server.cut();
    await client.reach('waiting');
    const outcomes = ['a', 'b', 'c'].map((data) => client.connection.publish('chat/general', data));
    expect(client.connection.outbox.map(({ data }) => data)).toEqual(['a', 'b', 'c']);
    client.connection.retryNow();
    for (const outcome of outcomes) expect(await outcome).toMatchObject({ kind: 'published' });
    expect(stored(server)).toEqual(['a', 'b', 'c']);
    expect(client.connection.outbox).toEqual([]);
    client.connection.close();
    await server.stop();
  });

  test('[CLI8] keepFor: 30 s unless said, none for commands, for ever where asked', async () => {
    const { server, client } = await startPair();
    server.cut();
    await client.reach('waiting');
    await server.stop();
    const usual = client.connection.publish('chat/general', 'usual');
    const forever = client.connection.publish('chat/general', 'forever', { keepFor: Infinity });
    expect(await client.connection.publish('chat/general', 'now', { keepFor: 0 })).toEqual({
      kind: 'expired',
      uncertain: false,
    });
    client.environment.advance(30_000);
    expect(await usual).toEqual({ kind: 'expired', uncertain: false });
    client.environment.advance(3_600_000);
    await server.start();
    await until('the line', () => {
      client.connection.retryNow();
      return client.connection.state.kind === 'open';
    });
    expect(await forever).toMatchObject({ kind: 'published' });
    expect(stored(server)).toEqual(['forever']);
    client.connection.close();
    await server.stop();
  });

  test('[CLI10] what expires unanswered is uncertain, and what follows goes under a new producer, so that it can’t be lost', async () => {
    const { server, client } = await startPair();
    server.behaviour.onFrame = (frame) => frame.type === 'publish';
    const lost = client.connection.publish('chat/general', 'lost', { keepFor: 1_000 });
    const [first] = await until('the frame', () => publishes(server).length === 1 && publishes(server));
    const next = client.connection.publish('chat/general', 'next');
    server.behaviour = {};
    server.cut();
    await client.reach('waiting');
    client.environment.advance(1_000);
    expect(await lost).toEqual({ kind: 'expired', uncertain: true });
    client.connection.retryNow();
    expect(await next).toMatchObject({ kind: 'published' });
    expect(publishes(server).at(-1)?.once).toMatchObject({ seq: 1 });
    expect(publishes(server).at(-1)?.once?.producer).not.toBe(first?.once?.producer);
    client.connection.close();
    await server.stop();
  });

  test('[CLI9] where the gateway expects 1 again, what is unanswered is renumbered under a new producer', async () => {
    const { server, client } = await startPair();
    await client.connection.publish('chat/general', 'a');
    await client.connection.publish('chat/general', 'b');
    server.forgetProducers();
    expect(await client.connection.publish('chat/general', 'c')).toMatchObject({ kind: 'published' });
    const [, , refused, renumbered] = publishes(server);
    expect([refused?.once?.seq, renumbered?.once?.seq]).toEqual([3, 1]);
    expect(renumbered?.once?.producer).not.toBe(refused?.once?.producer);
    expect(stored(server)).toEqual(['a', 'b', 'c']);
    client.connection.close();
    await server.stop();
  });

  test('[CLI9] where it expects another number, the outbox goes back to it', async () => {
    const { server, client } = await startPair();
    for (const data of ['a', 'b', 'c']) await client.connection.publish('chat/general', data);
    server.behaviour.onFrame = (frame, socket) => {
      if (frame.type !== 'publish') return false;
      const { once, id } = frame;
      const message =
        once?.seq === 3
          ? { type: 'result', id, data: { channel: 'chat/general', position: { epoch: 'e1', offset: 3 } } }
          : { type: 'error', id, code: 4400, message: 'restored', retryable: true, expected: 3 };
      socket.send(JSON.stringify(message));
      return true;
    };
    expect(await client.connection.publish('chat/general', 'd')).toMatchObject({ kind: 'published' });
    expect(
      publishes(server)
        .slice(3)
        .map(({ once }) => once?.seq),
    ).toEqual([4, 3]);
    expect(new Set(publishes(server).map(({ once }) => once?.producer)).size).toBe(1);
    client.connection.close();
    await server.stop();
  });

  test('[CLI7] another identity sets the outbox aside; it goes on when its owner is back', async () => {
    const { server, client } = await startPair();
    server.cut();
    await client.reach('waiting');
    const mine = client.connection.publish('chat/general', 'ann’s', { keepFor: Infinity });
    server.behaviour.welcome = {
      identity: { id: 'bob', issuer: 'telltale', subject: 'bob', kind: 'user', scope: 'viewer' },
    };
    client.connection.retryNow();
    expect(await mine).toEqual({ kind: 'set-aside' });
    expect(await client.connection.publish('chat/general', 'bob’s')).toMatchObject({ kind: 'published' });
    expect(stored(server)).toEqual(['bob’s']);
    expect(client.lines.some(({ text }) => text.startsWith('outbox set aside'))).toBe(true);
    server.behaviour = {};
    server.cut();
    await comeBack(client);
    await until('what was set aside', () => stored(server).length === 2);
    expect(stored(server)).toEqual(['bob’s', 'ann’s']);
    client.connection.close();
    await server.stop();
  });

  test('it is bounded', async () => {
    const { server, client } = await startPair();
    server.cut();
    await client.reach('waiting');
    for (let n = 0; n < 1_000; n++) void client.connection.publish('chat/general', n);
    expect(await client.connection.publish('chat/general', 'one more')).toMatchObject({ kind: 'refused', code: 4429 });
    client.connection.close();
    await server.stop();
  });
});

test('[SES13] a call is answered, refused with its code, or fails with the line', async () => {
  const { server, client } = await startPair();
  expect(await client.connection.call('run.cancel', { run: 1 })).toEqual({ echo: { run: 1 } });
  server.behaviour.onFrame = (frame, socket) => {
    if (frame.type !== 'call') return false;
    if (frame.method === 'hang') socket.terminate();
    else
      socket.send(
        JSON.stringify({ type: 'error', id: frame.id, code: 4404, message: 'no such method', retryable: false }),
      );
    return true;
  };
  await expect(client.connection.call('nothing')).rejects.toMatchObject({ code: 4404, retryable: false });
  await expect(client.connection.call('hang')).rejects.toMatchObject({ code: 1006, retryable: true });
  await expect(client.connection.call('away')).rejects.toMatchObject({ code: 1006 });
  client.connection.close();
  await server.stop();
});

test('a request of one’s own has its answer, also one under a number of its own, or undefined where the line was away', async () => {
  await using server = await startLogServer();
  using client = startClient(server.url);
  await client.reach('open');
  const { connection } = client;
  const publish = (seq: number) =>
    connection.ask({
      type: 'publish',
      channel: 'chat/general',
      once: { producer: 'abcdefghijklmnopqrstuv', seq },
      batch: [{ data: 'mine' }],
    });
  expect(await publish(1)).toMatchObject({ type: 'result', data: { position: { offset: 1 } } });
  expect(await publish(1)).toMatchObject({ type: 'result', data: { duplicate: true, position: { offset: 1 } } });
  expect(await publish(5)).toMatchObject({ type: 'error', retryable: true, expected: 2 });
  const pending = publish(2);
  connection.close();
  expect([await pending, await publish(3)]).toEqual([undefined, undefined]);
});
