// What is held of channels: one subscription on the wire, resumed by position, with every loss said.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { startClient, type TestClient } from './testing/client.ts';
import { type LogServer, startLogServer } from './testing/log-server.ts';
import { until } from './testing/until.ts';
import type { Subscription, SubscriptionEvent } from './types.ts';

function listen(client: TestClient, channel: string): { subscription: Subscription; events: SubscriptionEvent[] } {
  const events: SubscriptionEvent[] = [];
  return { subscription: client.connection.subscribe(channel, (event) => events.push(event)), events };
}
const contents = ({ held }: Subscription) => held.map(({ data }) => data);
const subscribes = (server: LogServer) => server.received.filter(({ type }) => type === 'subscribe');
async function comeBack(client: TestClient): Promise<void> {
  await client.reach('waiting');
  client.connection.retryNow();
  await client.reach('open');
}

describe('subscribing', () => {
  test('[CLI6] a channel is subscribed once however many listen, and a late listener gets what is held first', async () => {
    await using server = await startLogServer();
    server.publish('chat/general', 'one');
    using client = startClient(server.url);
    const first = listen(client, 'chat/general');
    await until('the first message', () => first.subscription.held.length === 1);
    const second = listen(client, 'chat/general');
    await until('what is held', () => second.events.length >= 2);
    expect(second.events).toMatchObject([
      { type: 'messages', messages: [{ data: 'one' }] },
      { type: 'freshness', freshness: { kind: 'live' } },
    ]);
    server.publish('chat/general', 'two');
    await until('the second message', () => second.subscription.held.length === 2);
    expect(first.events.filter(({ type }) => type === 'messages')).toHaveLength(2);
    expect(subscribes(server)).toHaveLength(1);
  });

  test('[DLV6] several frames in one message are taken one by one, and none after the session was ended for one of them', async () => {
    await using server = await startLogServer();
    using client = startClient(server.url);
    const [a, b] = [listen(client, 'log/a'), listen(client, 'log/b')];
    const raw: (string | undefined)[] = [];
    client.connection.onFrame((_, text) => raw.push(text));
    await until('live', () => [a, b].every(({ subscription }) => subscription.freshness.kind === 'live'));
    expect(server.upgrades[0]?.url).toContain('&joins=1');
    const frame = (channel: string, offset: number): object => {
      const messages = [{ offset, time: 1, data: offset }];
      return { type: 'messages', channel, epoch: server.log(channel).epoch, messages, to: offset };
    };
    raw.length = 0;
    server.send([frame('log/a', 1), { type: 'nonsense' }, frame('log/b', 1)]);
    await until('both', () => b.subscription.held.length === 1);
    expect(contents(a.subscription)).toEqual([1]);
    expect(raw.map((text) => JSON.parse(text as string) as unknown)).toEqual([frame('log/a', 1), frame('log/b', 1)]);
    expect(client.lines.filter(({ text }) => text.includes('"nonsense"'))).toHaveLength(1);
    client.connection.onFrame(() => client.connection.close());
    server.send([frame('log/a', 2), frame('log/b', 2)]);
    await client.reach('closed');
    expect([a, b].map(({ subscription }) => contents(subscription))).toEqual([[1, 2], [1]]);
    expect(client.lines.filter(({ text }) => text.includes('found messages'))).toEqual([]);
  });

  test('[SUB6] it is let go a while after its last listener left, and not if one came back', async () => {
    await using server = await startLogServer();
    using client = startClient(server.url);
    await client.reach('open');
    const first = listen(client, 'chat/general');
    await until('live', () => first.subscription.freshness.kind === 'live');
    first.subscription.close();
    client.environment.advance(2_999);
    const second = listen(client, 'chat/general');
    client.environment.advance(10_000);
    expect(server.received.some(({ type }) => type === 'unsubscribe')).toBe(false);
    second.subscription.close();
    client.environment.advance(3_000);
    await until('unsubscribe', () => server.received.some(({ type }) => type === 'unsubscribe'));
  });

  test('what is called the moment the line is open again comes behind the subscriptions', async () => {
    await using server = await startLogServer();
    using client = startClient(server.url);
    await client.reach('open');
    const { subscription } = listen(client, 'chat/general');
    await until('live', () => subscription.freshness.kind === 'live');
    const before = server.received.length;
    client.connection.onState((state) => {
      if (state.kind === 'open') client.connection.call('chat.presence', {}).catch(() => {});
    });
    server.cut();
    await comeBack(client);
    await until('the call', () => server.received.some(({ type }) => type === 'call'));
    const types = server.received.slice(before).map(({ type }) => type);
    expect(types.filter((type) => type === 'subscribe' || type === 'call')).toEqual(['subscribe', 'call']);
  });

  test('[SUB8] rights lost are told; a denial that may be retried is', async () => {
    await using server = await startLogServer();
    using client = startClient(server.url);
    const { subscription, events } = listen(client, 'chat/secret');
    await until('live', () => subscription.freshness.kind === 'live');
    server.send({
      type: 'unsubscribed',
      channel: 'chat/secret',
      code: 4403,
      reason: 'no longer a member',
      retry: false,
    });
    await until('the denial', () => subscription.denied);
    expect(subscription.denied).toEqual({ code: 4403, reason: 'no longer a member' });
    expect(events.at(-1)).toEqual({ type: 'denied', code: 4403, reason: 'no longer a member' });
    server.send({ type: 'unsubscribed', channel: 'chat/secret', code: 4503, reason: 'one moment', retry: true });
    await until('the other denial', () => subscription.denied?.code === 4503);
    client.environment.advance(3_000);
    await until('live again', () => subscription.freshness.kind === 'live');
    expect(subscription.denied).toBeUndefined();
  });

  test('[SUB7] more channels than welcome allows are denied before anything is sent', async () => {
    await using server = await startLogServer({ limits: { maxSubscriptions: 1 } });
    using client = startClient(server.url);
    await client.reach('open');
    listen(client, 'chat/one');
    const { subscription } = listen(client, 'chat/two');
    expect(subscription.denied).toMatchObject({ code: 4429 });
    await until('the one that fits', () => subscribes(server).length === 1);
  });

  test('[END2] an endpoint’s own channels are held too, and resumed by position', async () => {
    await using server = await startLogServer({ welcome: { channels: ['chat/general'] } });
    server.publish('chat/general', 1);
    using client = startClient(server.url);
    const frames: unknown[] = [];
    client.connection.onFrame(
      (frame) => frame?.type === 'messages' && frames.push(...frame.messages.map(({ data }) => data)),
    );
    await until('the message', () => frames.length === 1);
    expect(client.connection.freshness.kind).toBe('live');
    server.cut();
    await client.reach('waiting');
    expect(client.connection.freshness.kind).toBe('stale');
    server.publish('chat/general', 2);
    client.connection.retryNow();
    await until('the other', () => frames.length === 2);
    expect(subscribes(server)).toMatchObject([{ since: { offset: 1 } }]);
    await until('live', () => client.connection.freshness.kind === 'live');
    expect(frames).toEqual([1, 2]);
  });
});

describe('streams', () => {
  test('[CLI6] a break before the log had its first message loses nothing either, or says what', async () => {
    await using server = await startLogServer();
    using client = startClient(server.url);
    const events: SubscriptionEvent[] = [];
    const subscription = client.connection.subscribe('chat/general', (event) => events.push(event), {
      since: { last: 2 },
    });
    await until('live', () => subscription.freshness.kind === 'live');
    server.cut();
    await client.reach('waiting');
    for (const data of [1, 2, 3, 4, 5]) server.publish('chat/general', data);
    client.connection.retryNow();
    await until('all', () => subscription.freshness.kind === 'live' && subscription.held.length > 0);
    expect(contents(subscription)).toEqual([1, 2, 3, 4, 5]);
    const [first, second] = subscribes(server);
    expect(first).toMatchObject({ since: { last: 2 } });
    expect(second).not.toMatchObject({ since: { last: 2 } });
  });

  test('[RES3] what the log dropped before it could be read is told with the messages behind it', async () => {
    await using server = await startLogServer();
    using client = startClient(server.url);
    const { subscription, events } = listen(client, 'chat/general');
    await until('live', () => subscription.freshness.kind === 'live');
    server.cut();
    await client.reach('waiting');
    for (const data of [1, 2, 3, 4, 5]) server.publish('chat/general', data);
    const log = server.log('chat/general');
    log.horizon = 3;
    log.messages = log.messages.slice(3);
    client.connection.retryNow();
    await until('the rest', () => subscription.held.length === 2);
    expect(events.filter(({ type }) => type === 'messages')).toMatchObject([
      { messages: [{ data: 4 }, { data: 5 }], gap: { from: 1, to: 3 } },
    ]);
    expect(subscription.freshness).toEqual({ kind: 'gap', gap: { from: 1, to: 3 } });
  });

  test('[RES2] a break loses nothing and repeats nothing; meanwhile what is held is stale', async () => {
    await using server = await startLogServer({ frameSize: 2 });
    using client = startClient(server.url);
    const { subscription, events } = listen(client, 'metrics/local');
    server.publish('metrics/local', 1);
    await until('one', () => subscription.held.length === 1);
    server.cut();
    await client.reach('waiting');
    expect(subscription.freshness).toEqual({ kind: 'stale', since: client.environment.now() });
    for (const data of [2, 3, 4]) server.publish('metrics/local', data);
    client.connection.retryNow();
    await until('all', () => subscription.freshness.kind === 'live');
    expect(contents(subscription)).toEqual([1, 2, 3, 4]);
    const seen = events.flatMap((event) => (event.type === 'freshness' ? [event.freshness.kind] : []));
    expect(seen).toEqual(['catching-up', 'catching-up', 'live', 'stale', 'catching-up', 'live']);
  });

  test('[RES3] a gap is shown until it is acknowledged', async () => {
    await using server = await startLogServer();
    using client = startClient(server.url);
    const { subscription, events } = listen(client, 'logs/a/b');
    server.publish('logs/a/b', 1);
    await until('one', () => subscription.held.length === 1);
    server.cut();
    for (const data of [2, 3, 4]) server.publish('logs/a/b', data);
    Object.assign(server.log('logs/a/b'), { horizon: 3, messages: server.log('logs/a/b').messages.slice(-1) });
    await comeBack(client);
    await until('the gap', () => subscription.freshness.kind === 'gap');
    expect(subscription.freshness).toEqual({ kind: 'gap', gap: { from: 2, to: 3 } });
    expect(contents(subscription)).toEqual([1, 4]);
    expect(events).toContainEqual(expect.objectContaining({ type: 'messages', gap: { from: 2, to: 3 } }));
    subscription.acknowledgeGap();
    expect(subscription.freshness).toEqual({ kind: 'live' });
  });

  test('[RES3] who begins to listen behind a gap is told of it, before what comes next', async () => {
    await using server = await startLogServer();
    using client = startClient(server.url);
    const first = listen(client, 'log/a');
    await until('live', () => first.subscription.freshness.kind === 'live');
    const { epoch } = server.log('log/a');
    const frame = { type: 'messages', channel: 'log/a', epoch };
    server.send({ ...frame, messages: [{ offset: 1, time: 1, data: 1 }], to: 1 });
    server.send({ ...frame, messages: [], to: 3, gap: { from: 2, to: 3 } });
    await until('the gap', () => first.subscription.freshness.kind === 'gap');
    first.subscription.acknowledgeGap();
    const second = listen(client, 'log/a');
    await until('what is held', () => second.events.length >= 2);
    server.send({ ...frame, messages: [{ offset: 4, time: 2, data: 4 }], to: 4 });
    await until('the next one', () => second.events.length >= 4);
    const third = listen(client, 'log/a');
    await until('what is held', () => third.events.length >= 2);
    expect(second.events).toMatchObject([
      { type: 'messages', messages: [{ data: 1 }] },
      { type: 'messages', messages: [], gap: { from: 2, to: 3 } },
      { type: 'freshness', freshness: { kind: 'live' } },
      { type: 'messages', messages: [{ data: 4 }] },
    ]);
    expect(third.events).toMatchObject([
      { type: 'messages', messages: [{ data: 1 }, { data: 4 }] },
      { type: 'freshness', freshness: { kind: 'live' } },
    ]);
  });

  test('[RES4] after a reset a stream keeps its history and shows a loss of unknown size', async () => {
    await using server = await startLogServer();
    using client = startClient(server.url);
    const { subscription, events } = listen(client, 'chat/general');
    server.publish('chat/general', 'old');
    await until('old', () => subscription.held.length === 1);
    server.cut();
    server.reset('chat/general');
    server.publish('chat/general', 'new');
    await comeBack(client);
    await until('new', () => subscription.held.length === 2);
    expect(contents(subscription)).toEqual(['old', 'new']);
    expect(new Set(subscription.held.map(({ epoch }) => epoch)).size).toBe(2);
    expect(subscription.freshness).toEqual({ kind: 'gap', gap: undefined });
    expect(events.filter(({ type }) => type === 'reset')).toHaveLength(1);
  });

  test('[SUB9] duplicates are dropped; a jump nobody announced is reported and shown as a gap', async () => {
    await using server = await startLogServer();
    using client = startClient(server.url);
    const { subscription } = listen(client, 'chat/general');
    server.publish('chat/general', 'a');
    await until('a', () => subscription.held.length === 1);
    const { epoch } = server.log('chat/general');
    const frame = (offset: number, to = offset) =>
      server.send({
        type: 'messages',
        channel: 'chat/general',
        epoch,
        messages: [{ offset, time: 0, data: `m${offset}` }],
        to,
      });
    frame(1);
    frame(4);
    await until('the gap', () => subscription.freshness.kind === 'gap');
    expect(contents(subscription)).toEqual(['a', 'm4']);
    expect(subscription.freshness).toEqual({ kind: 'gap', gap: { from: 2, to: 3 } });
    expect(client.lines.some(({ text }) => text.startsWith('unexpected frame: found a jump from offset 1 to 4'))).toBe(
      true,
    );
  });

  test('frames of a life nobody announced are reported, and the channel is asked for anew', async () => {
    await using server = await startLogServer();
    using client = startClient(server.url);
    const { subscription } = listen(client, 'chat/general');
    server.publish('chat/general', 'a');
    await until('a', () => subscription.held.length === 1);
    server.reset('chat/general');
    server.publish('chat/general', 'b');
    await until('b', () => subscription.held.length === 2);
    expect(subscription.freshness).toEqual({ kind: 'gap', gap: undefined });
    expect(subscribes(server)).toHaveLength(2);
  });

  test('it holds no more than was asked for, the newest', async () => {
    await using server = await startLogServer();
    using client = startClient(server.url);
    const subscription = client.connection.subscribe('logs/a/b', () => {}, { keep: 3 });
    for (let n = 1; n <= 20; n++) server.publish('logs/a/b', n);
    await until('the last', () => contents(subscription).at(-1) === 20);
    expect(contents(subscription)).toEqual([18, 19, 20]);
  });
});

describe('tables', () => {
  test('[LOG3] rows change in place, null removes, also across a break', async () => {
    await using server = await startLogServer();
    server.log('agents', 'table');
    server.publish('agents', 1, 'a');
    server.publish('agents', 1, 'b');
    using client = startClient(server.url);
    const { subscription } = listen(client, 'agents');
    await until('two rows', () => subscription.held.length === 2);
    server.publish('agents', 2, 'a');
    await until('the change', () => contents(subscription).includes(2));
    expect(subscription.held.map(({ key, data }) => [key, data])).toEqual([
      ['a', 2],
      ['b', 1],
    ]);
    server.cut();
    server.publish('agents', null, 'b');
    await comeBack(client);
    await until('the removal', () => subscription.held.length === 1);
    expect(contents(subscription)).toEqual([2]);
  });

  test('[RES4] a reset builds the new table beside the old and swaps when it is whole', async () => {
    await using server = await startLogServer({ frameSize: 1 });
    server.log('agents', 'table');
    server.publish('agents', 'old', 'a');
    server.publish('agents', 'old', 'z');
    using client = startClient(server.url);
    const { subscription, events } = listen(client, 'agents');
    await until('the table', () => subscription.held.length === 2);
    server.cut();
    server.reset('agents');
    for (const key of ['a', 'b', 'c']) server.publish('agents', 'new', key);
    events.length = 0;
    const sizes: number[] = [];
    client.connection.onFrame(
      (frame) =>
        frame?.type === 'messages' && sizes.push(contents(subscription).filter((data) => data === 'new').length),
    );
    await comeBack(client);
    await until('the new table', () => contents(subscription).includes('new'));
    expect(sizes).toEqual([0, 0, 3]);
    expect(subscription.held.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
    expect(events.map(({ type }) => type).filter((type) => type !== 'freshness')).toEqual(['reset', 'messages']);
  });

  test('[CLI7] another identity gets nothing of what was held', async () => {
    await using server = await startLogServer();
    using client = startClient(server.url);
    const { subscription, events } = listen(client, 'chat/general');
    server.publish('chat/general', 'private');
    await until('the message', () => subscription.held.length === 1);
    const identity = { id: 'bob', issuer: 'telltale', subject: 'bob', kind: 'user', scope: 'viewer' };
    server.behaviour.welcome = { identity };
    server.reset('chat/general');
    server.cut();
    await comeBack(client);
    await until('a read from the start', () => subscribes(server).length === 2);
    expect(events).toContainEqual({ type: 'cleared' });
    expect(contents(subscription)).toEqual([]);
    expect(subscribes(server)[1]).not.toHaveProperty('since');
  });
});

test('[RES2] whatever breaks whenever: order kept, nothing twice, and what is missing is said', async () => {
  const step = fc.constantFrom('publish', 'publish', 'publish', 'cut', 'trim', 'reset', 'back');
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 25 }),
      fc.integer({ min: 1, max: 3 }),
      async (steps, frameSize) => {
        await using server = await startLogServer({ frameSize });
        using client = startClient(server.url);
        const { subscription, events } = listen(client, 'chat/sim');
        let published = 0;
        server.publish('chat/sim', ++published);
        await until('the first message', () => contents(subscription).includes(1));
        for (const action of steps) {
          const log = server.log('chat/sim');
          if (action === 'publish') server.publish('chat/sim', ++published);
          else if (action === 'cut') server.cut();
          else if (action === 'back') client.connection.retryNow();
          else if (action === 'reset') {
            server.cut();
            server.reset('chat/sim');
          } else {
            server.cut();
            log.messages = log.messages.slice(-1);
            log.horizon = log.head - log.messages.length;
          }
          await new Promise((resolve) => setImmediate(resolve));
        }
        server.publish('chat/sim', ++published);
        await until(
          'the last message',
          () => {
            client.connection.retryNow();
            return contents(subscription).at(-1) === published;
          },
          () => [contents(subscription), published, client.connection.state],
        );
        const got = contents(subscription) as number[];
        expect(got).toEqual([...new Set(got)].sort((one, other) => one - other));
        if (got.length === published) return;
        const isTold = events.some(
          (event) => event.type === 'reset' || (event.type === 'messages' && event.gap !== undefined),
        );
        expect(isTold).toBe(true);
        expect(subscription.freshness.kind).toBe('gap');
      },
    ),
    { numRuns: 30, seed: 20_261 },
  );
});
