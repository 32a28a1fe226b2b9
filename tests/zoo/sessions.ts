// Members that take the handshake and go wrong afterwards: at once, with time, with size, or with the token's end.

import type { Socket } from 'node:net';
import { testToken } from '../../packages/gateway/src/testing/start-gateway.ts';
import { guard, guardedServer, page } from './guarded.ts';
import type { Member, Running } from './member.ts';
import {
  answerPings,
  answerText,
  closeFrame,
  frame,
  type Listening,
  rawHttpServer,
  type RawRequest,
  relay,
  socketServer,
  upgradeText,
} from './servers.ts';

const at = (server: Listening, ...flags: readonly string[]): Running => ({
  url: `ws://127.0.0.1:${server.port}/live`,
  flags,
  end: () => server.end(),
});

const talking = async (talk: (socket: Socket) => void): Promise<Running> => at(await socketServer(talk));

/** A correct server with another one's fault before it. */
async function behind(
  hooks: Parameters<typeof relay>[1],
  flags: readonly string[] = [],
  server?: Listening,
): Promise<Running> {
  const inner = server ?? (await guardedServer());
  const outer = await relay(inner.port, hooks);
  return {
    url: `ws://127.0.0.1:${outer.port}/live`,
    flags,
    async end() {
      await outer.end();
      await inner.end();
    },
  };
}

/** Holds what the server says and lets it go every 500 ms. */
function held(): Parameters<typeof relay>[1] {
  const waiting = new Map<Socket, Buffer[]>();
  return {
    toClient(bytes, pass, client) {
      const parts = waiting.get(client);
      if (parts !== undefined) return void parts.push(bytes);
      // The answer to the handshake goes through; what follows waits.
      pass(bytes);
      const own: Buffer[] = [];
      waiting.set(client, own);
      const timer = setInterval(() => {
        if (own.length > 0) pass(Buffer.concat(own.splice(0)));
      }, 500);
      client.once('close', () => clearInterval(timer));
    },
  };
}

/** Closes with 1009 on a write larger than this, and reads on until the client has gone: a reset would eat the close. */
function closesOnLarge(bytes: number): Parameters<typeof relay>[1] {
  const closing = new WeakSet<Socket>();
  return {
    toServer(part, pass, client) {
      if (closing.has(client)) return;
      if (part.length <= bytes + 64) return pass(part);
      closing.add(client);
      client.write(closeFrame(1009));
    },
  };
}

/** Ends a connection on which nothing came from the client for so long. */
function impatient(ms: number): Parameters<typeof relay>[1] {
  return {
    toServer(bytes, pass, client) {
      if (client.timeout === undefined) client.once('timeout', () => client.destroy());
      client.setTimeout(ms);
      pass(bytes);
    },
  };
}

/** A server whose clock is wrong by so many seconds, and judges tokens by it. */
async function wrongClock(seconds: number, judges: boolean): Promise<Listening> {
  const now = (): number => Date.now() + seconds * 1000;
  return await rawHttpServer((socket, request) => {
    const date = new Date(now()).toUTCString();
    if (!request.isUpgrade) return socket.end(answerText('200 OK', { Date: date }, 'hello'));
    const claims = /token=[^.]+\.([^.]+)\./.exec(request.target)?.[1] ?? '';
    const { exp = 0 } = JSON.parse(Buffer.from(claims, 'base64url').toString() || '{}') as { exp?: number };
    if (judges && exp * 1000 < now()) return socket.end(answerText('401 Unauthorized', { Date: date }));
    guard(socket, request);
  });
}

/** Admits whoever brings a token, and does this when the token has expired. */
async function untilExpiry(seconds: number, end: (socket: Socket) => void): Promise<Running> {
  const server = await rawHttpServer((socket, request) => {
    guard(socket, request);
    const timer = setTimeout(() => end(socket), seconds * 1000 + 300);
    socket.once('close', () => clearTimeout(timer));
  });
  return at(server, '--token', testToken({ exp: Math.floor(Date.now() / 1000) + seconds }));
}

const unguarded = (socket: Socket, request: RawRequest, lets: (origin: string | undefined) => boolean): void => {
  if (request.isUpgrade && !lets(request.headers.get('origin'))) return void socket.end(answerText('403 Forbidden'));
  if (!request.isUpgrade) return void socket.end(answerText('200 OK', {}, 'hello'));
  socket.write(upgradeText(request));
  answerPings(socket);
};

export const sessions: readonly Member[] = [
  {
    name: 'healthy',
    fault: 'nothing: a correct server of somebody else',
    open: async () => at(await guardedServer(), '--origin', page),
    verdict: { id: 'connects', exit: 0, says: /^It connects: nothing is wrong/ },
  },
  {
    name: 'page-behind-101',
    fault: 'a proxy sends its error page behind the 101',
    open: () => talking((socket) => socket.write('<html><body>502 Bad Gateway</body></html>')),
    verdict: { id: 'frames-invalid', hop: 'server', says: /reserved bits in a frame that begins with "<html>/ },
  },
  {
    name: 'masked-frames',
    fault: 'the server masks its frames as clients must',
    open: () => talking((socket) => socket.write(frame(1, '\0\0\0\0hi', { mask: 0x80 }))),
    verdict: { id: 'frames-invalid', hop: 'server', says: /a masked frame, which only clients send/ },
  },
  {
    name: 'not-utf8',
    fault: 'the server sends text in Latin-1',
    open: () => talking((socket) => socket.write(frame(1, Buffer.from('grüß', 'latin1')))),
    verdict: { id: 'frames-invalid', hop: 'server', says: /a text message that is not UTF-8/ },
  },
  {
    name: 'dropped-at-once',
    fault: 'the server takes the handshake and ends the connection',
    open: () => talking((socket) => socket.end()),
    verdict: {
      id: 'dropped-at-once',
      hop: 'server',
      says: /ended the connection without a close frame, which a page sees as 1006/,
    },
  },
  {
    name: 'reset-at-once',
    fault: 'the server takes the handshake and resets the connection',
    open: () => talking((socket) => setTimeout(() => socket.resetAndDestroy(), 50)),
    verdict: { id: 'reset-at-once', hop: 'server', says: /reset the connection without a close frame/ },
  },
  ...(
    [
      ['closed-by-policy', 1008, 'no access', /closed with 1008 by its policy.*says "no access"/],
      ['closed-by-error', 1011, '', /closed with 1011 because of an error inside it/],
      ['closed-too-busy', 1013, '', /closed with 1013 because it has too much to do/],
      ['closed-unauthorized', 4401, 'token_expired', /closed with 4401.*says "token_expired"/],
      ['closed-by-own-code', 4321, '', /closed with 4321 \(a code of its own\)/],
    ] as const
  ).map(([name, code, reason, says]): Member => ({
    name,
    fault: `the server takes the handshake and closes with ${code}`,
    open: () => talking((socket) => socket.end(closeFrame(code, reason))),
    verdict: { id: `closed-${code}`, hop: code === 4401 ? 'token' : 'server', says },
  })),
  {
    name: 'any-page',
    fault: 'the server lets in pages of any origin',
    open: async () => at(await rawHttpServer((socket, request) => unguarded(socket, request, () => true))),
    verdict: {
      id: 'origin-hostile-accepted',
      hop: 'server',
      exit: 1,
      says: /any page that a person visits can connect/,
    },
  },
  {
    name: 'sandboxed-page',
    fault: 'the server lets in the origin null',
    open: async () =>
      at(
        await rawHttpServer((socket, request) =>
          unguarded(socket, request, (origin) => origin === undefined || origin === 'null'),
        ),
      ),
    verdict: { id: 'origin-null-accepted', hop: 'server', exit: 1, says: /a sandboxed page \(null\) gets in as well/ },
  },
  {
    name: 'pings-unanswered',
    fault: 'the server answers no ping',
    open: async () =>
      at(
        await rawHttpServer((socket, request) => {
          const origin = request.headers.get('origin');
          if (!request.isUpgrade || origin !== undefined) return socket.end(answerText('403 Forbidden'));
          socket.write(upgradeText(request));
        }),
      ),
    verdict: { id: 'pong-missing', hop: 'server', exit: 1, says: /none of 16 WebSocket pings is answered/ },
  },
  {
    name: 'close-unanswered',
    fault: 'the server ends the connection on a close frame, without one of its own',
    open: async () => at(await guardedServer(page, { answersClose: false })),
    verdict: { id: 'close-unanswered', hop: 'server', exit: 1, says: /answered by ending the connection without one/ },
  },
  {
    name: 'frames-held-back',
    fault: 'something between collects frames and passes them on in bundles',
    open: () => behind(held()),
    verdict: {
      id: 'frames-buffered',
      hop: 'proxy',
      exit: 1,
      says: /frames are held back for up to .* at a time; switch off buffering/,
    },
  },
  {
    name: 'messages-too-large',
    fault: 'the server closes on messages over 16 kB',
    open: () => behind(closesOnLarge(16 * 1024), ['--sizes']),
    verdict: {
      id: 'frame-size',
      hop: 'server',
      exit: 1,
      says: /a message of \d+ kB ends the connection with 1009, one of (?:4|16) kB passes/,
    },
  },
  {
    name: 'idle-cut',
    waits: true,
    fault: 'a proxy ends connections on which the client is silent',
    open: () => behind(impatient(2500), ['--idle', '--idle-seconds', '10']),
    verdict: {
      id: 'idle-death',
      hop: 'server',
      exit: 1,
      says: /nobody speaks is cut.*pings keep it alive; send a ping at least every/,
    },
  },
  {
    name: 'expiry-ignored',
    waits: true,
    fault: 'a session goes on when its token has expired',
    open: () => untilExpiry(8, () => {}),
    verdict: { id: 'expiry-ignored', hop: 'server', exit: 1, says: /goes on 6 s after its token has expired/ },
  },
  {
    name: 'expiry-silent',
    waits: true,
    fault: 'a session is cut without a word when its token expires',
    open: () => untilExpiry(8, (socket) => socket.destroy()),
    verdict: { id: 'expiry-silent', hop: 'server', exit: 1, says: /cut without a close frame, so a page sees 1006/ },
  },
  {
    name: 'clock-off',
    fault: "the server's clock is two hours behind",
    open: async () => at(await wrongClock(-7200, false)),
    verdict: { id: 'clock-off', hop: 'server', exit: 1, says: /its clock is (?:120 min|2 hours) behind/ },
  },
  {
    name: 'token-good-by-our-clock',
    fault: "a good token is expired by the server's clock",
    open: async () => at(await wrongClock(7200, true), '--token', testToken()),
    verdict: {
      id: 'token-clock',
      hop: 'token',
      says: /by the clock of the server alone: the server's is .* ahead; let both/,
    },
  },
];
