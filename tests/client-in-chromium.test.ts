// The client where it lives: a page of another origin in a real Chromium, bundled as an application would, against a
// real gateway. What a page can't be told apart from a fake by is proved here and nowhere else.

import { createServer, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createGateway, stream, type Gateway, type GatewayEvent } from '@telltale/gateway';
import { SignJWT } from 'jose';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from 'vitest';
import type { Told } from './pages/client-page.ts';
import { hasBrowser, launchBrowser } from './support/browser.ts';
import { serveBundle, type BundledPage } from './support/bundled-page.ts';
import { promised } from './support/pace.ts';
import { holds, until } from './support/until.ts';

const secret = 'a secret of tests that is long enough';
const source = fileURLToPath(new URL('pages/client-page.ts', import.meta.url));

describe.runIf(hasBrowser)('a page with the client', () => {
  let browser: Browser;
  let site: BundledPage;
  let server: Server;
  let gateway: Gateway;
  let events: GatewayEvent[];
  let context: BrowserContext;
  let page: Page;
  let ticks: number;

  beforeAll(async () => {
    browser = await launchBrowser({ keepsPages: true });
    site = await serveBundle(source);
  });
  afterAll(async () => {
    await browser.close();
    await site[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    events = [];
    ticks = 0;
    server = createServer();
    const channels = {
      ticks: stream('ticks', { read: () => true, first: { last: 5000 } }),
      samples: stream('samples', { read: () => true, first: { last: 5000 }, compress: true }),
    };
    gateway = createGateway({
      channels,
      credentials: { secret },
      endpoints: [
        { path: '', title: 'Test' },
        { path: 'dashboard', title: 'Dashboard', channels: () => ['ticks'] },
        { path: 'samples', title: 'Samples', channels: () => ['samples'] },
      ],
      limits: { heartbeatMs: 3000 },
      // Every message in a frame of its own, if the process gets to it.
      flushMs: 0,
      onEvent: (event) => void events.push(event),
    }) as unknown as Gateway;
    gateway.attach(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    context = await browser.newContext();
    page = await context.newPage();
    site.isTorn = false;
  });
  afterEach(async () => {
    await context.close();
    await gateway.stop({ returnWindowMs: 0 });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const port = (): number => (server.address() as AddressInfo).port;
  const socketUrl = (): string => `ws://localhost:${port()}/ws/`;
  const attempts = (): number => events.filter(({ type }) => type === 'attempt').length;
  function publish(count: number): void {
    for (let n = 0; n < count; n++) void gateway.publish('ticks', ++ticks);
  }
  const expected = (): number[] => Array.from({ length: ticks }, (_, n) => n + 1);
  async function open(query: Record<string, string> = {}): Promise<void> {
    const words = new URLSearchParams({ url: socketUrl(), ...query });
    await page.goto(`${site.url}/?${words}`);
  }
  const told = <Value>(read: (told: Told) => Value): Promise<Value> =>
    page.evaluate(`(${read.toString()})(window.told)`) as Promise<Value>;
  const state = () => told(({ connection }) => connection?.state);
  const reach = (kind: string) =>
    until(`state ${kind}`, state, (found) => found?.kind === kind) as Promise<NonNullable<Told['connection']>['state']>;
  const allTicks = () =>
    until(
      `${ticks} messages`,
      () => told(({ messages }) => messages),
      (messages) => messages.at(-1) === ticks,
    );
  const hasAttendant = () =>
    until(
      'a round trip',
      () => told(({ connection }) => connection?.roundTripMs),
      (roundTripMs) => roundTripMs !== undefined && roundTripMs !== null,
    );

  it('[CLI6] in StrictMode opens one socket, and 2,000 messages cost 20 components one render per animation frame', async () => {
    let received = 0;
    page.on('websocket', (socket) => {
      socket.on('framereceived', ({ payload }) => (received += [JSON.parse(String(payload))].flat().length));
    });
    await open();
    await reach('open');
    publish(1);
    await allTicks();
    await told((all) => {
      all.renders = 0;
      all.frames = 0;
    });
    received = 0;
    for (let n = 0; n < 500; n++) {
      publish(4);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(await allTicks()).toEqual(expected());
    const { renders, frames } = await told(({ renders: drawn, frames: passed }) => ({
      renders: drawn,
      frames: passed,
    }));
    expect(renders).toBeGreaterThanOrEqual(20);
    // StrictMode renders each component twice to see that it is pure.
    expect(renders).toBeLessThanOrEqual(2 * 20 * (frames + 1));
    // Or else a render for each frame of the wire would pass too.
    expect(received).toBeGreaterThan(frames + 1);
    expect(attempts()).toBe(1);
    expect(site.lateRequests).toBeGreaterThan(0);
  });

  it('[REF2] reads why it was refused, stops, and tries no further', async () => {
    await open({ token: 'not-a-token' });
    const { cause } = (await reach('closed')) as { cause: object };
    expect(cause).toMatchObject({ code: 4401, name: 'token-malformed', stage: 'credential', next: 'sign-in' });
    expect(cause).toMatchObject({ reason: expect.stringMatching(/\w+ \w+/), hint: expect.stringMatching(/\w+ \w+/) });
    const made = attempts();
    await holds('a page that stopped', attempts, (count) => count === made, 3000);
  });

  it('[CMP1] [CMP2] reads a compressed channel without knowing, in a third of the bytes', async () => {
    await page.goto(`${site.url}/?url=about:blank`);
    const items = Array.from({ length: 500 }, (_, n) => ({
      data: { at: 1_764_126_000_000 + n, cpu: n / 7, load: n % 3 },
    }));
    await gateway.publishBatch('samples', items.slice(0, 400));
    await page.evaluate((url) => {
      const socket = new WebSocket(url);
      const read = { samples: [] as unknown[], characters: 0, agreed: '', pongs: 0 };
      Object.assign(window, { read });
      socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
        read.agreed = socket.extensions;
        read.characters += data.length;
        const frame = JSON.parse(data) as { type: string; messages?: { data: unknown }[] };
        read.samples.push(...(frame.messages ?? []).map((message) => message.data));
        // A browser compresses what it sends, too.
        if (frame.type === 'messages') socket.send(JSON.stringify({ type: 'ping', at: read.samples.length }));
        if (frame.type === 'pong') read.pongs++;
      });
    }, `${socketUrl()}samples/`);
    interface Read {
      samples: unknown[];
      characters: number;
      agreed: string;
      pongs: number;
    }
    const read = (): Promise<Read> => page.evaluate(() => (window as unknown as { read: Read }).read);
    await until('the history', read, ({ samples }) => samples.length === 400);
    await gateway.publishBatch('samples', items.slice(400));
    const { samples, characters, agreed } = await until(
      'all',
      read,
      (all) => all.samples.length === 500 && all.pongs > 1,
    );
    expect(samples).toEqual(items.map(({ data }) => data));
    expect(agreed).toMatch(/^permessage-deflate/);
    const [session] = gateway.sessions();
    expect((session?.sentBytes ?? Infinity) / characters).toBeLessThan(0.35);
  });

  it('[CLI3] is offline at once, open at once when the network is back, and has missed nothing', async () => {
    await open();
    await reach('open');
    publish(3);
    await allTicks();
    await hasAttendant();
    const cutAt = Date.now();
    await context.setOffline(true);
    await reach('offline');
    expect(Date.now() - cutAt).toBeLessThan(promised(1000));
    publish(3);
    const backAt = Date.now();
    await context.setOffline(false);
    await reach('open');
    expect(Date.now() - backAt).toBeLessThan(promised(2000));
    expect(await allTicks()).toEqual(expected());
  });

  it('[CLI3] [RES2] comes back frozen from the back-forward cache as it was, and resumes without loss', async () => {
    await open();
    await reach('open');
    await hasAttendant();
    publish(3);
    await allTicks();
    await page.evaluate(() => void Object.assign(window, { isMarked: true }));
    await page.goto(`http://127.0.0.1:${site.port}/elsewhere?hook=ws://localhost:1/`);
    publish(3);
    await page.goBack({ waitUntil: 'commit' });
    await until(
      'pageshow',
      () => told(({ shows }) => shows),
      (shows) => shows.length > 0,
    );
    expect(await told(({ shows }) => shows)).toEqual([false, true]);
    expect(await page.evaluate(() => 'isMarked' in window)).toBe(true);
    expect(await told(({ hides, freezes }) => ({ hides, freezes }))).toEqual({ hides: 1, freezes: 1 });
    await reach('open');
    publish(3);
    expect(await allTicks()).toEqual(expected());
    const starts = events.filter(({ type }) => type === 'admitted').length;
    expect(starts).toBeLessThanOrEqual(2);
  });

  it('[CLI4] goes on reading while it is hidden, and probes its line at once when it is shown again', async () => {
    const pings: number[] = [];
    page.on('websocket', (socket) =>
      socket.on('framesent', ({ payload }) => {
        if (String(payload).startsWith('{"type":"ping"')) pings.push(Date.now());
      }),
    );
    await open();
    await reach('open');
    await hasAttendant();
    // A page of a headless browser is never hidden, so it is told so.
    const show = (isHidden: boolean) =>
      page.evaluate((hidden) => {
        Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
        document.dispatchEvent(new Event('visibilitychange'));
      }, isHidden);
    await show(true);
    const hiddenAt = Date.now();
    publish(3);
    expect(await allTicks()).toEqual(expected());
    await holds(
      'a hidden page that asks for nothing',
      () => pings.filter((at) => at > hiddenAt + 100).length,
      (count) => count === 0,
      3500,
    );
    await show(false);
    const shownAt = Date.now();
    const probe = await until(
      'a probe',
      () => pings.find((at) => at >= shownAt - 50),
      (at) => at !== undefined,
    );
    expect((probe as number) - shownAt).toBeLessThan(promised(1000));
    expect((await state())?.kind).toBe('open');
    expect(attempts()).toBe(1);
  });

  it('[CLI1] says in words that the server did not answer in time', async () => {
    const sockets = new Set<{ destroy(): void }>();
    const silent = createTcpServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    try {
      await open({ url: `ws://localhost:${(silent.address() as AddressInfo).port}/ws/`, timeout: '1000' });
      const causes = await until(
        'the words',
        () =>
          told(({ states }) => states.flatMap(({ state: one }) => ('cause' in one && one.cause ? [one.cause] : []))),
        (all) => all.some(({ reason }) => reason === 'the server did not answer in time'),
      );
      expect(causes.at(-1)).toMatchObject({ code: 1006, name: 'connect-timeout', next: 'retry' });
    } finally {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => silent.close(resolve));
    }
  });

  it('reads without what loads late, says that it is missing, and gets it with a later attempt', async () => {
    site.isTorn = true;
    await open();
    await reach('open');
    publish(3);
    await allTicks();
    await until(
      'the complaint',
      () => told(({ warnings }) => warnings),
      (warnings) => warnings.includes('part of the client is missing'),
    );
    expect(await told(({ connection }) => connection?.roundTripMs ?? 'unknown')).toBe('unknown');
    site.isTorn = false;
    gateway.endSessions(() => true, 'server-error', 'as a test');
    await hasAttendant();
  });

  it('opens `/ws/dashboard/` on port 8000 of the page’s host, ws or wss by the page, with the stored token encoded', async () => {
    const token = await new SignJWT({ scope: 'viewer' })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('telltale')
      .setAudience('telltale')
      .setSubject('ada')
      .setExpirationTime('5m')
      .sign(new TextEncoder().encode(secret));
    await page.addInitScript(
      ({ stored, real }) => {
        const opened: string[] = [];
        const Real = WebSocket;
        Object.assign(window, {
          opened,
          // To the gateway of this test, since port 8000 may be somebody's.
          WebSocket: class extends Real {
            constructor(url: string, protocols?: string[]) {
              opened.push(url);
              super(url.replace(/^wss?:..[^/]*/, `ws://localhost:${real}`), protocols);
            }
          },
        });
        localStorage.setItem('access_token', stored);
      },
      { stored: token, real: port() },
    );
    const openedUrls = () => page.evaluate(() => (window as unknown as { opened: string[] }).opened);
    await page.goto(`${site.url}/board?hook=/ws/dashboard/`);
    publish(1);
    await until(
      'a live hook',
      () => told(({ hook }) => [hook?.status, hook?.freshness.kind, JSON.stringify(hook?.lastJsonMessage)]),
      ([status, freshness, last]) => status === 'open' && freshness === 'live' && /"data":1/.test(last ?? ''),
    );
    expect(await openedUrls()).toEqual([
      expect.stringMatching(`^ws://localhost:8000/ws/dashboard/\\?token=${token}&attempt=`),
    ]);
    const [session] = gateway.sessions();
    expect(session?.identity.subject).toBe('ada');

    // With a query of its own and a token that needs encoding, on a page that came by https.
    await page.addInitScript(() => localStorage.setItem('access_token', 'a+b/=&c'));
    await page.route('https://secure.localhost/**', async (route) => {
      const { pathname } = new URL(route.request().url());
      await route.fulfill({ response: await route.fetch({ url: `${site.url}${pathname}` }) });
    });
    await page.goto('https://secure.localhost/board?hook=/ws/dashboard/?room=1');
    const [secure] = await until('an attempt', openedUrls, (all) => all.length > 0);
    expect(secure).toMatch(/^wss:\/\/secure\.localhost:8000\/ws\/dashboard\/\?room=1&token=a%2Bb%2F%3D%26c&attempt=/);
    // What the page still loads, its late chunk or an icon, must not outlive the page that asked for it.
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  });
});
