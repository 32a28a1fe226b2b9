// How the connection opens, ends and comes back, on real sockets and a clock moved by hand.

import type { WebSocket } from 'ws';
import { describe, expect, test } from 'vitest';
import { backoffMs } from './retry.ts';
import { startClient } from './testing/client.ts';
import { startLogServer } from './testing/log-server.ts';
import { until } from './testing/until.ts';

/** Numbers in [0, 1) that a seed repeats (a linear congruential generator). */
function chanceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const refusal = {
  type: 'refused',
  name: 'token-missing',
  stage: 'credential',
  reason: 'no token',
  hint: 'add one',
  attempt: 'a'.repeat(22),
};
const refuse =
  (code: number, more: object = {}) =>
  (socket: WebSocket) => {
    socket.send(JSON.stringify({ ...refusal, code, retry: ![4403, 4404, 4400].includes(code), ...more }));
    socket.close(code, 'token-missing: no token');
  };

describe('opening', () => {
  test('[CLI1] open begins at welcome, and says who one is', async () => {
    await using server = await startLogServer();
    using client = startClient(server.url);
    const open = await client.reach('open');
    expect(open).toMatchObject({ session: 's1', mode: 'development', identity: { subject: 'ann' } });
    expect(client.states.map(({ kind }) => kind)).toEqual(['connecting', 'open']);
    expect(server.upgrades[0]?.url).toMatch(/^\/ws\/\?attempt=[\w-]{22,64}&joins=1$/);
    expect(server.upgrades[0]?.protocols).toBe('telltale.v1');
  });

  test('[CLI1] a server that never says welcome is told in words, and tried again', async () => {
    await using server = await startLogServer({ onSocket: () => {} });
    using client = startClient(server.url);
    await until('the socket', () => server.sockets.size === 1);
    await until('the deadline of welcome', () => {
      client.environment.advance(5_000);
      return client.connection.state.kind === 'waiting';
    });
    const { cause } = await client.reach('waiting', ({ cause: { reason } }) => reason.includes('no welcome'));
    expect(cause).toMatchObject({ name: 'welcome-missing', code: 1006, next: 'retry' });
    expect(cause.hint).toContain('Something other than a Telltale gateway');
  });

  test('a frame that can’t be read is reported and changes nothing', async () => {
    await using server = await startLogServer();
    using client = startClient(server.url);
    await client.reach('open');
    for (const text of ['nonsense', '[5]', '{"type":"messages"}', '{"type":"surprise"}']) {
      for (const socket of server.sockets) socket.send(text);
    }
    await until('four reports', () => client.lines.filter(({ text }) => text.startsWith('unexpected')).length === 4);
    expect(client.connection.state.kind).toBe('open');
  });

  test('[FRM3] a listener that throws is reported, and the next one still hears', async () => {
    await using server = await startLogServer();
    using client = startClient(server.url);
    const heard: string[] = [];
    client.connection.onState(() => {
      throw new Error('mine');
    });
    client.connection.onState(({ kind }) => heard.push(kind));
    await client.reach('open');
    expect(heard).toEqual(['open']);
  });
});

describe('ends', () => {
  test.each([4400, 4403, 4404])('[REF1] a refusal %i stops, with the reason and hint of its frame', async (code) => {
    await using server = await startLogServer({ onSocket: refuse(code, { name: 'origin-not-allowed' }) });
    using client = startClient(server.url);
    const { cause } = await client.reach('closed');
    expect(cause).toMatchObject({
      code,
      name: 'origin-not-allowed',
      reason: 'no token',
      hint: 'add one',
      next: 'stop',
      stage: 'credential',
    });
    client.environment.advance(600_000);
    expect(server.upgrades).toHaveLength(1);
  });

  test.each([4429, 4503])('[COD3] after %i it comes back when the frame said, and not before', async (code) => {
    await using server = await startLogServer({ onSocket: refuse(code, { retryAfterMs: 7_000 }) });
    using client = startClient(server.url);
    const { retryAt } = await client.reach('waiting');
    expect(retryAt - client.environment.now()).toBe(7_000);
    client.environment.signal('wake');
    client.environment.advance(6_999);
    expect(client.connection.state.kind).toBe('waiting');
    server.behaviour = {};
    client.environment.advance(1);
    await client.reach('open');
  });

  test('[COD3] 4401 asks for one new token, then for sign-in', async () => {
    await using server = await startLogServer({ onSocket: refuse(4401, { retry: false }) });
    let asked = 0;
    using client = startClient(server.url, { token: () => `token-${++asked}` });
    const { cause } = await client.reach('closed');
    expect(cause).toMatchObject({ code: 4401, next: 'sign-in' });
    expect(server.upgrades.map(({ protocols }) => protocols)).toEqual([
      'telltale.v1,bearer.token-1',
      'telltale.v1,bearer.token-2',
    ]);
  });

  test('[CLI5] a token provider that can only repeat itself is not tried twice', async () => {
    await using server = await startLogServer({ onSocket: refuse(4419, { name: 'token-expired' }) });
    using client = startClient(server.url, { token: () => 'old', tokenIn: 'query' });
    const { cause } = await client.reach('closed');
    expect(cause).toMatchObject({ code: 4419, name: 'token-expired', next: 'sign-in' });
    expect(server.upgrades).toHaveLength(1);
  });

  test('[SES9] an expired session gets a new token and resumes at once', async () => {
    await using server = await startLogServer();
    let asked = 0;
    using client = startClient(server.url, { token: async () => `token-${++asked}` });
    await client.reach('open');
    for (const socket of server.sockets) socket.close(4419, 'token-expired: too late');
    await until('a second session', () => client.connection.state.kind === 'open' && server.upgrades.length === 2);
    expect(server.upgrades[1]?.protocols).toContain('bearer.token-2');
    expect(client.states.some(({ kind }) => kind === 'waiting')).toBe(false);
  });

  test('[STP1] a restart is answered in the slot goodbye named, also if the page wakes before', async () => {
    await using server = await startLogServer();
    using client = startClient(server.url);
    await client.reach('open');
    server.send({ type: 'goodbye', code: 1012, reason: 'restart', retry: true, retryAfterMs: 4_321 });
    for (const socket of server.sockets) socket.close(1012, 'restart: restart');
    const { retryAt, cause } = await client.reach('waiting');
    expect(cause).toMatchObject({ code: 1012, name: 'restart', wasClean: true });
    expect(retryAt - client.environment.now()).toBe(4_321);
  });

  test.each([1000, 1001])(
    '%i unannounced is not our will: it comes back; after goodbye without retry it does not',
    async (code) => {
      await using server = await startLogServer();
      using client = startClient(server.url);
      await client.reach('open');
      for (const socket of server.sockets) socket.close(code);
      await client.reach('waiting');
      client.environment.advance(5_000);
      await client.reach('open');
      server.send({ type: 'goodbye', code, reason: 'bye', retry: false });
      for (const socket of server.sockets) socket.close(code);
      expect((await client.reach('closed')).cause).toMatchObject({ code, next: 'stop', reason: 'bye' });
    },
  );

  test('shouldReconnect brings back the rule of the origin story', async () => {
    await using server = await startLogServer();
    const events: object[] = [];
    using client = startClient(server.url, {
      shouldReconnect: (event) => {
        events.push(event);
        return event.code !== 1000;
      },
    });
    await client.reach('open');
    for (const socket of server.sockets) socket.close(1000, 'done');
    await client.reach('closed');
    expect(events).toEqual([{ code: 1000, reason: 'done', wasClean: true }]);
  });

  test('our own close is not asked about and stays; connect opens again', async () => {
    await using server = await startLogServer();
    using client = startClient(server.url, { shouldReconnect: () => true });
    await client.reach('open');
    client.connection.close('enough');
    expect(client.connection.state).toMatchObject({
      kind: 'closed',
      cause: { code: 1000, reason: 'enough', next: 'stop' },
    });
    expect(client.environment.timers).toBe(0);
    client.connection.connect();
    await client.reach('open');
  });
});

describe('coming back', () => {
  test('[CLI2] one try in each span since the line was lost: 6 s, 6 s, 12 s, then 15 s', () => {
    const spanAt = (awayMs: number) => [0, 1].map((chance) => awayMs + backoffMs(awayMs, () => chance));
    expect(spanAt(0)).toEqual([0, 6_000]);
    expect(spanAt(1)).toEqual([6_000, 12_000]);
    expect(spanAt(5_999)).toEqual([6_000, 12_000]);
    expect(spanAt(6_001)).toEqual([12_000, 24_000]);
    expect(spanAt(12_500)).toEqual([24_000, 39_000]);
    expect(spanAt(60_000)).toEqual([69_000, 84_000]);
    // A clock that was set back.
    expect(backoffMs(-12_500, () => 1)).toBe(26_500);
  });

  test.each([0.5, 1.4, 2, 6.1, 12.1, 24.1, 60])(
    '[CLI2] of thousands that lose a server for %d s less than a fifth try in one second, and all are back in time',
    (downS) => {
      const random = chanceOf(20_261_126);
      const clients = 5_000;
      const downMs = downS * 1_000;
      const tried = Array.from({ length: clients }, () => {
        const times = [backoffMs(0, random)];
        while ((times.at(-1) as number) < downMs) {
          const at = times.at(-1) as number;
          times.push(at + backoffMs(at, random));
        }
        return times;
      });
      let [first, most] = [0, 0];
      const sorted = tried.flat().sort((one, other) => one - other);
      for (const [index, at] of sorted.entries()) {
        while (at - (sorted[first] as number) >= 1_000) first++;
        most = Math.max(most, index - first + 1);
      }
      expect(most).toBeLessThan(clients / 5);
      expect(sorted.at(-1)).toBeLessThan(downMs + Math.min(30_000, 12_000 + 1.5 * downMs));
    },
  );

  test('[CLI2] a server that welcomes and closes at once is not tried faster and faster', async () => {
    await using server = await startLogServer();
    server.behaviour.onFrame = () => true;
    using client = startClient(server.url);
    const start = client.environment.now();
    const waits: number[] = [];
    for (let n = 0; n < 7; n++) {
      await client.reach('open');
      for (const socket of server.sockets) socket.close(4000);
      const { retryAt } = await client.reach('waiting');
      waits.push(retryAt - client.environment.now());
      client.environment.advance(retryAt - client.environment.now());
    }
    expect(waits).toEqual([3_000, 6_000, 9_000, 13_500, 15_000, 15_000, 15_000]);
    expect(client.environment.now() - start).toBe(76_500);
  });

  test('[CLI2] only a session that lasted lets the waits begin anew', async () => {
    await using server = await startLogServer({ welcome: { heartbeatMs: 60_000 } });
    using client = startClient(server.url);
    for (const expected of [3_000, 6_000]) {
      await client.reach('open');
      server.cut();
      const { retryAt } = await client.reach('waiting');
      expect(retryAt - client.environment.now()).toBe(expected);
      client.environment.advance(expected);
    }
    await client.reach('open');
    client.environment.advance(10_000);
    server.cut();
    const { retryAt } = await client.reach('waiting');
    expect(retryAt - client.environment.now()).toBe(3_000);
  });

  test('a server that is gone is told, asked by HTTP why at most once per 10 s, and found again', async () => {
    await using server = await startLogServer();
    using client = startClient(server.url);
    await client.reach('open');
    await server.stop();
    await client.reach('waiting');
    client.environment.advance(3_000);
    const { cause } = await client.reach('waiting', ({ cause: { name } }) => name === 'unreachable');
    expect(cause).toMatchObject({ code: 1006, next: 'retry' });
    expect(cause.reason).toContain('HTTP');
    await server.start();
    client.connection.retryNow();
    await client.reach('open');
  });

  test.each([
    [{ state: 'unseen', rememberedMs: 60_000 }, 'waiting', { name: 'never-arrived', code: 1006 }],
    [{ state: 'admitted' }, 'waiting', { name: 'broken-on-the-way', code: 1006 }],
    [
      { state: 'refused', refusal: { ...refusal, code: 4403, name: 'host-not-allowed', retry: false } },
      'closed',
      { name: 'host-not-allowed', code: 4403, hint: 'add one' },
    ],
    [
      { state: 'admitted', ended: { code: 4410, name: 'account-disabled', reason: 'disabled' } },
      'closed',
      { name: 'account-disabled', code: 4410, reason: 'disabled' },
    ],
  ] as const)('[REF8] a bare 1006 learns from the gateway: %j', async (answer, kind, expected) => {
    await using server = await startLogServer({ httpStatus: 403, attempt: () => answer });
    using client = startClient(server.url);
    await client.reach('waiting');
    expect(server.asked).toHaveLength(0);
    client.environment.advance(5_000);
    const state = await client.reach(kind, ({ cause }) => cause.name === expected.name);
    expect(state.cause).toMatchObject(expected);
    expect(server.asked).toHaveLength(1);
    expect(server.upgrades.at(-1)?.url).toContain(server.asked[0]);
  });

  test('[REF8] however often it fails it asks once in 10 s, about the attempt that failed last', async () => {
    await using server = await startLogServer({ httpStatus: 403, attempt: () => ({ state: 'unseen' }) });
    using client = startClient(server.url);
    const failed = async (tries: number): Promise<string> => {
      const { attempt } = await client.reach('waiting', (state) => state.tries === tries);
      return attempt;
    };
    const attempts: string[] = [];
    for (let tries = 1; tries <= 5; tries++) {
      attempts.push(await failed(tries));
      client.connection.retryNow();
    }
    await failed(6);
    client.environment.advance(10_000);
    attempts.push(await failed(7));
    await until(
      'the second question',
      () => (server.asked.length >= 2 ? true : undefined),
      () => server.asked,
    );
    // Of the second end, and then of the first one that is ten seconds later.
    expect(server.asked).toEqual([attempts[1], attempts[5]]);
  });

  test('[CLI3] offline pauses at once, online connects at once, waking cuts a wait short', async () => {
    await using server = await startLogServer();
    using client = startClient(server.url);
    await client.reach('open');
    client.environment.online = false;
    client.environment.signal('offline');
    expect(client.connection.state).toMatchObject({
      kind: 'offline',
      cause: { name: 'offline', next: 'retry-when-online' },
    });
    client.environment.advance(600_000);
    expect(server.upgrades).toHaveLength(1);
    client.environment.online = true;
    client.environment.signal('online');
    await client.reach('open');
    server.cut();
    await client.reach('waiting');
    client.environment.signal('wake');
    await client.reach('open');
    expect(server.upgrades).toHaveLength(3);
  });

  test('[CLI3] a page that begins without a network finds it also if nobody tells', async () => {
    await using server = await startLogServer();
    using client = startClient(server.url);
    await client.reach('open');
    client.connection.close();
    client.environment.online = false;
    client.connection.connect();
    expect(client.connection.state).toMatchObject({ kind: 'offline', cause: { name: 'offline' } });
    client.environment.advance(60_000);
    expect(server.upgrades).toHaveLength(1);
    client.environment.online = true;
    client.environment.advance(5_000);
    await client.reach('open');
  });

  test('[CLI4] silence over two heartbeats replaces the socket without waiting for it', async () => {
    await using server = await startLogServer({ onFrame: () => true });
    using client = startClient(server.url);
    await client.reach('open');
    const [silent] = server.sockets;
    client.environment.advance(19_999);
    expect(client.connection.state.kind).toBe('open');
    client.environment.advance(1);
    expect(client.connection.state).toMatchObject({ kind: 'connecting', cause: { name: 'silent', code: 1006 } });
    await client.reach('open');
    expect(server.sockets.size === 1 ? server.sockets.has(silent as WebSocket) : false).toBe(false);
  });

  test('[CLI4] after sleep it asks before it judges: an answer keeps the socket, none replaces it', async () => {
    await using server = await startLogServer();
    using client = startClient(server.url);
    await client.reach('open');
    const pings = () => server.received.filter(({ type }) => type === 'ping').length;
    await until('the first answer', () => client.connection.roundTripMs !== undefined);
    const offset = client.connection.clockOffsetMs;
    client.environment.sleep(3_600_000);
    await until('the probe', () => pings() === 2);
    // Our clock jumped, so the answer shows the server's as far behind.
    await until('its answer', () => client.connection.clockOffsetMs < offset - 3_000_000);
    client.environment.advance(5_000);
    expect(client.connection.state.kind).toBe('open');

    server.behaviour.onFrame = () => true;
    client.environment.signal('wake');
    await until('another probe', () => pings() >= 3);
    client.environment.advance(3_000);
    expect(client.connection.state).toMatchObject({ kind: 'connecting', cause: { name: 'silent' } });
    await client.reach('open');
  });

  test('[CLI4] what was on its way before it slept answers no probe: it asks again, and judges then', async () => {
    await using server = await startLogServer();
    using client = startClient(server.url);
    await client.reach('open');
    await until('the first answer', () => client.connection.roundTripMs !== undefined);
    const received = (type: string) => server.received.filter((frame) => frame.type === type).length;
    const say = async (...frames: readonly object[]): Promise<void> => {
      const before = received('pong');
      for (const frame of [...frames, { type: 'ping', at: 1_000_000 }]) server.send(frame);
      await until('an answer of the page', () => received('pong') > before);
    };
    server.behaviour.onFrame = ({ type }) => type === 'ping';

    client.environment.sleep(3_600_000);
    await until('the probe', () => received('ping') === 2);
    await say({ type: 'pong', at: 1_000_000, time: 1_000_000 });
    client.environment.advance(10_000);
    await until('another probe', () => received('ping') === 3);
    // One that answers in time, behind whatever else there is, is asked no more.
    await say();
    await say({ type: 'pong', at: client.environment.now(), time: 1_000_000 });
    client.environment.advance(9_999);
    expect([client.connection.state.kind, received('ping')]).toEqual(['open', 3]);

    client.environment.sleep(3_600_000);
    await until('a probe after more sleep', () => received('ping') === 4);
    await say();
    client.environment.advance(10_000);
    await until('its repetition', () => received('ping') === 5);
    client.environment.advance(2_999);
    expect(client.connection.state.kind).toBe('open');
    client.environment.advance(1);
    expect(client.connection.state).toMatchObject({ kind: 'connecting', cause: { name: 'silent' } });
  });
});

describe('tokens', () => {
  test('[CLI5] a token is asked for once at a time and only when it is needed', async () => {
    await using server = await startLogServer();
    let asked = 0;
    using client = startClient(server.url, { token: async () => `token-${++asked}` });
    await client.reach('open');
    server.cut();
    await client.reach('waiting');
    client.environment.advance(5_000);
    await client.reach('open');
    expect(asked).toBe(1);
  });

  test('[SES10] a token is renewed before it expires, by the server’s clock, on the live session', async () => {
    const skewed = Date.now() + 86_400_000;
    await using server = await startLogServer({ welcome: { time: skewed, expiresAt: skewed + 10_000 } });
    server.behaviour.onFrame = (frame, socket) => {
      const { type, id, at } = frame;
      if (type === 'ping') socket.send(JSON.stringify({ type: 'pong', at, time: at + (skewed - 1_000_000) }));
      if (type === 'authenticate')
        socket.send(JSON.stringify({ type: 'result', id, data: { expiresAt: skewed + 100_000 } }));
      return true;
    };
    let asked = 0;
    using client = startClient(server.url, { token: async () => `token-${++asked}` });
    await client.reach('open');
    await until('the first answer', () => client.connection.roundTripMs !== undefined);
    client.environment.advance(7_900);
    expect(asked).toBe(1);
    client.environment.advance(200);
    const renewal = await until('authenticate', () => server.received.find(({ type }) => type === 'authenticate'));
    expect(renewal).toMatchObject({ token: 'token-2' });
    expect(client.states.map(({ kind }) => kind)).toEqual(['connecting', 'open']);
  });

  test('a provider that fails is a cause, not a throw', async () => {
    await using server = await startLogServer();
    let fails = true;
    using client = startClient(server.url, {
      token: () => {
        if (fails) throw new Error('refresh failed with secret-canary');
        return 'good';
      },
    });
    const { cause } = await client.reach('waiting', (state) => state.cause.reason.includes('application'));
    expect(cause).toMatchObject({ name: 'token-unavailable', next: 'retry' });
    fails = false;
    client.environment.advance(5_000);
    await client.reach('open');
    expect(JSON.stringify(client.lines)).not.toContain('canary');
  });

  test('[REF7] no log line or state holds a token or a query', async () => {
    await using server = await startLogServer({ onSocket: refuse(4401, { retry: false }) });
    using client = startClient(`${server.url}?key=query-canary`, { token: () => 'token-canary', tokenIn: 'query' });
    await client.reach('closed');
    expect(server.upgrades[0]?.url).toMatch(/^\/ws\/\?key=query-canary&token=token-canary&attempt=/);
    expect(JSON.stringify([client.lines, client.states])).not.toContain('canary');
  });
});
