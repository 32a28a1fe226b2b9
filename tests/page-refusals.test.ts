// What a page's own `new WebSocket(url)` reads when it is refused, in a real Chromium against the built hub: never a
// bare 1006 within the budget, and never a byte for a page that may not be here.

import type { Browser, Page } from 'playwright-core';
import { SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, launchBrowser } from './support/browser.ts';
import { startHubProcess, testSecret, type HubProcess } from './support/hub-process.ts';
import { servePage, type StaticPage } from './support/static-page.ts';
import { within } from './support/until.ts';

interface Ending {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
  readonly frames: readonly Record<string, unknown>[];
}

/** Opens a socket in the page as anybody's script does; resolves at its end, or once `enough` frames have come. */
async function openInPage(page: Page, url: string, protocols: readonly string[] = [], enough = 100): Promise<Ending> {
  const ending = page.evaluate(
    ([target, offered, count]) =>
      new Promise<Ending>((resolve) => {
        const frames: Record<string, unknown>[] = [];
        const socket = new WebSocket(target, [...offered]);
        socket.onmessage = ({ data }) => {
          frames.push(JSON.parse(String(data)) as Record<string, unknown>);
          if (frames.length >= count) socket.close();
        };
        socket.onclose = ({ code, reason, wasClean }) => resolve({ code, reason, wasClean, frames });
      }),
    [url, protocols, enough] as const,
  );
  return await within(`the end of ${new URL(url).pathname}`, ending, 20_000);
}

describe.runIf(hasBrowser)('a page in production', () => {
  let browser: Browser;
  let page: Page;
  let other: StaticPage;
  beforeAll(async () => {
    browser = await launchBrowser();
    page = await browser.newPage();
    other = await servePage();
  });
  afterAll(async () => {
    await browser.close();
    await other[Symbol.asyncDispose]();
  });
  // A hub for each test: the budget of explained refusals is one per address.
  const startHub = (): Promise<HubProcess> =>
    startHubProcess({ mode: 'production', origins: [other.origin('127.0.0.1')] });

  it('[ORI1] [REF2] [REF4] [REF6] of a foreign origin gets 4403 and never a byte of data, whatever token it has', async () => {
    await using hub = await startHub();
    const token = await hub.token('admin');
    await page.goto(other.origin('evil.localhost'));
    for (const path of ['/ws/dashboard/', '/ws/', '/ws/chat/general/', '/ws/agents/local/']) {
      const { code, reason, wasClean, frames } = await openInPage(page, hub.socketUrl(`${path}?token=${token}`));
      expect({ code, reason, wasClean }).toEqual({ code: 4403, reason: 'origin-not-allowed', wasClean: true });
      expect(frames).toEqual([
        {
          type: 'refused',
          code: 4403,
          name: 'origin-not-allowed',
          retry: false,
          attempt: expect.any(String) as string,
        },
      ]);
    }
    const bare = await openInPage(page, hub.socketUrl('/ws/dashboard/'), ['telltale.v1', `bearer.${token}`]);
    expect(bare).toMatchObject({ code: 4403, reason: 'origin-not-allowed' });

    // Nor over HTTP: no answer of the API is readable from there, not even with the token.
    for (const path of ['/api/hub', '/api/me', '/api/channels/metrics/local/messages', '/metrics', '/healthz']) {
      const read = await page.evaluate(
        ([target, bearer]) =>
          fetch(target, { headers: { authorization: `Bearer ${bearer}` } }).then(
            (answer) => answer.text(),
            (error: unknown) => String(error),
          ),
        [hub.url + path, token] as const,
      );
      expect(read, path).toMatch(/^TypeError: Failed to fetch/);
    }
    expect(hub.output()).toMatch(/TELLTALE_ALLOWED_ORIGINS.*evil\.localhost|evil\.localhost.*TELLTALE_ALLOWED_ORIGINS/);
  });

  it('[ORI1] of another host name, port or scheme than the allowed one is foreign, and the allowed one is let in', async () => {
    await using hub = await startHub();
    await using third = await servePage();
    const token = await hub.token('laptop');
    const url = hub.socketUrl(`/ws/dashboard/?token=${token}`);
    for (const origin of [other.origin('localhost'), third.origin('127.0.0.1')]) {
      await page.goto(origin);
      expect(await openInPage(page, url), origin).toMatchObject({ code: 4403, reason: 'origin-not-allowed' });
    }
    await page.goto(other.origin('127.0.0.1'));
    const allowed = await openInPage(page, url, [], 3);
    expect(allowed.frames[0]).toMatchObject({ type: 'welcome', mode: 'production' });
    expect(allowed.frames.map(({ type }) => type)).toContain('subscribed');
    // From inside a frame without an origin it is nobody's page.
    await page.setContent('<iframe sandbox="allow-scripts" srcdoc="<p>boxed</p>"></iframe>');
    const frame = await within(
      'the sandboxed frame',
      page.waitForSelector('iframe').then((box) => box.contentFrame()),
    );
    const boxed = await frame?.evaluate(
      (target) =>
        new Promise<number>((resolve) => {
          new WebSocket(target).onclose = ({ code }) => resolve(code);
        }),
      url,
    );
    expect(boxed).toBe(4403);
  });

  it('[ORI4] [ADM8] [REF1] [REF6] without a token, with garbage or an expired one gets 4401 or 4419 and the reason, never a bare 1006', async () => {
    await using hub = await startHub();
    await page.goto(other.origin('127.0.0.1'));
    const key = new TextEncoder().encode(testSecret);
    const claims = (): SignJWT =>
      new SignJWT({})
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer('telltale')
        .setAudience('telltale')
        .setSubject('x');
    const expired = await claims()
      .setExpirationTime(Math.floor(Date.now() / 1000) - 60)
      .sign(key);
    const forged = await claims()
      .setExpirationTime('5m')
      .sign(new TextEncoder().encode(`${testSecret}!`));
    const unsigned = new UnsecuredJWT({}).setIssuer('telltale').setSubject('x').setExpirationTime('5m').encode();
    const cases: readonly [string, string, readonly string[], number][] = [
      ['no token', '', [], 4401],
      ['garbage', '?token=garbage', [], 4401],
      ['the word undefined', '?token=undefined', [], 4401],
      ['another secret', `?token=${forged}`, [], 4401],
      ['expired, in the query', `?token=${expired}`, [], 4419],
      ['expired, in the subprotocol', '', ['telltale.v1', `bearer.${expired}`], 4419],
      ['expired, in the query', `?token=${expired}`, [], 4419],
      ['alg none', `?token=${unsigned}`, [], 4401],
      ['garbage, only in the subprotocol', '', ['bearer.garbage'], 4401],
    ];
    const names = new Set<string>();
    // Each where its turn comes: all of them everywhere would be more than the budget of one address explains.
    const paths = ['/ws/dashboard/', '/ws/agents/local/', '/ws/chat/general/'];
    for (const [index, [kind, query, protocols, code]] of cases.entries()) {
      const path = paths[index % paths.length] as string;
      const what = `${kind}, at ${path}`;
      const ending = await openInPage(page, hub.socketUrl(path + query), protocols);
      // A browser fails a handshake that answers none of the subprotocols it offered; then nothing can be read.
      expect(ending.code, what).toBe(protocols.length === 1 ? 1006 : code);
      if (ending.code === 1006) continue;
      expect(ending.wasClean, what).toBe(true);
      const [refused] = ending.frames;
      expect(refused, what).toMatchObject({ type: 'refused', code, stage: 'credential' });
      expect(String(refused?.['reason']).length, what).toBeGreaterThan(10);
      expect(String(refused?.['hint']).length, what).toBeGreaterThan(10);
      expect(ending.reason, what).toBe(`${String(refused?.['name'])}: ${String(refused?.['reason'])}`.slice(0, 123));
      names.add(String(refused?.['name']));
    }
    expect(names.size).toBeGreaterThanOrEqual(5);
  });

  it('[RAT1] [REF8] over the budget gets a bare 1006, and reads why by the name of its attempt', async () => {
    await using hub = await startHub();
    await page.goto(other.origin('127.0.0.1'));
    const endings: number[] = [];
    for (let n = 0; n < 12; n++) {
      const attempt = `attempt-${String(n).padStart(22, '0')}`;
      const { code } = await openInPage(page, hub.socketUrl(`/ws/dashboard/?attempt=${attempt}`));
      endings.push(code);
    }
    expect(endings).toEqual([...Array.from({ length: 10 }, () => 4401), 1006, 1006]);
    const ask = (n: number): Promise<unknown> =>
      page.evaluate(
        (target) => fetch(target).then((answer) => answer.json() as Promise<unknown>),
        `${hub.url}/ws/attempts/attempt-${String(n).padStart(22, '0')}`,
      );
    expect(await ask(3)).toMatchObject({ state: 'refused', refusal: { code: 4401 } });
    expect(await ask(11)).toMatchObject({ state: 'refused', refusal: { code: expect.any(Number) as number } });
    expect(await ask(99)).toMatchObject({ state: 'unseen' });
  });
});

describe.runIf(hasBrowser)('a page in development', () => {
  let browser: Browser;
  let page: Page;
  let other: StaticPage;
  let hub: HubProcess;
  beforeAll(async () => {
    browser = await launchBrowser();
    page = await browser.newPage();
    other = await servePage();
    hub = await startHubProcess();
  });
  afterAll(async () => {
    await browser.close();
    await other[Symbol.asyncDispose]();
    await hub[Symbol.asyncDispose]();
  });

  it('[ORI3] of any loopback origin may look around without a token, one from the web may not, nor one without origin', async () => {
    const url = hub.socketUrl('/ws/dashboard/');
    for (const host of ['127.0.0.1', 'localhost']) {
      await page.goto(other.origin(host));
      const { frames } = await openInPage(page, url, [], 2);
      expect(frames[0], host).toMatchObject({
        type: 'welcome',
        mode: 'development',
        identity: { kind: 'anonymous', scope: 'viewer' },
      });
    }
    // Of the hub itself, in chat as well: who is nobody reads, and is told what writing takes.
    await page.goto(`${hub.url}/chat/general`);
    await page.getByText('Sign in to write here.').waitFor();
    expect(await page.getByRole('textbox').count()).toBe(0);
    await page.goto(other.origin('www.example'));
    const stranger = await openInPage(page, url);
    expect(stranger.code).toBeGreaterThanOrEqual(4401);
    expect(stranger.code).toBeLessThanOrEqual(4403);
    expect(stranger.frames.map(({ type }) => type)).toEqual(['refused']);
    expect(String(stranger.frames[0]?.['hint'])).toMatch(/\S{3,}/);
    const nobody = await page.evaluate(
      (target) =>
        new Promise<number>((resolve) => {
          const box = document.createElement('iframe');
          box.sandbox.add('allow-scripts');
          box.srcdoc = `<script>
            new WebSocket(${JSON.stringify(target)}).onclose = ({ code }) => parent.postMessage(code, '*');
          </script>`;
          addEventListener('message', ({ data }) => resolve(Number(data)));
          document.body.append(box);
        }),
      url,
    );
    expect(nobody).toBe(stranger.code);
  });

  it('[ORI2] of any origin is let in with a token, and the log names the setting that production would need', async () => {
    await page.goto(other.origin('www.example'));
    const url = hub.socketUrl(`/ws/dashboard/?token=${await hub.token('laptop')}`);
    const { frames } = await openInPage(page, url, [], 2);
    expect(frames[0]).toMatchObject({ type: 'welcome', identity: { subject: 'laptop' } });
    expect(hub.output()).toMatch(/TELLTALE_ALLOWED_ORIGINS[^\n]*www\.example/);
  });

  it('[ORI5] that made a name of its own point at this machine gets nothing, neither the page nor the socket', async () => {
    const rebound = `http://rebound.example:${hub.port}`;
    const answer = await page.goto(rebound);
    expect(answer?.status()).toBe(403);
    expect(await page.content()).not.toMatch(/id="root"/);
    const token = await hub.token('laptop');
    for (const path of ['/api/hub', '/api/channels/metrics/local/messages', '/metrics']) {
      expect((await page.goto(rebound + path))?.status(), path).toBe(403);
    }
    await page.goto(rebound);
    for (const query of ['', `?token=${token}`]) {
      const { code, frames } = await openInPage(page, `ws://rebound.example:${hub.port}/ws/dashboard/${query}`);
      expect(code).toBe(4403);
      expect(frames).toMatchObject([{ type: 'refused', name: 'host-not-allowed' }]);
    }
  });
});
