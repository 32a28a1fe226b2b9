// What runs in the pages of page-zoo.test.ts: the client as an application has it. Bundled as one script that is there
// before the page is, so that no policy of a page keeps it out.

import { type ConnectionOptions, type ConnectionState, createConnection, type Diagnosis } from '@telltale/client';

export interface Asked {
  readonly options: Omit<ConnectionOptions, 'token'> & { readonly token?: string };
  readonly withinMs?: number;
  /** How often the connection is to have ended before it is examined; 0: it is never opened. */
  readonly ends?: number;
}

export interface Told {
  readonly diagnosis: Diagnosis;
  /** Where the connection stood then. */
  readonly state: ConnectionState;
  /** How sockets of this page ended that it had not closed itself. */
  readonly ends: readonly { readonly code: number; readonly reason: string }[];
  /** What the class throws at the address, where it can make no socket of it. */
  readonly thrown: string | undefined;
}

const heardEnds: { code: number; reason: string }[] = [];

/** Hears of every end beside whoever listens; class and methods stay the browser's own, which the client looks at. */
function hearEnds({ prototype }: typeof WebSocket): void {
  /** How often somebody set a listener: the client sets another one when it leaves. */
  const listeners = new WeakMap<WebSocket, number>();
  const { set, ...onclose } = Object.getOwnPropertyDescriptor(prototype, 'onclose') as PropertyDescriptor;
  Object.defineProperty(prototype, 'onclose', {
    ...onclose,
    set(this: WebSocket, listener: unknown) {
      const before = listeners.get(this) ?? 0;
      listeners.set(this, before + 1);
      if (before === 0) {
        this.addEventListener('close', ({ code, reason }) => {
          if (listeners.get(this) === 1) heardEnds.push({ code, reason });
        });
      }
      set?.call(this, listener);
    },
  });
}
hearEnds(WebSocket);

/** An address with a fragment is none; nothing is opened. */
function thrownAt(url: string): string | undefined {
  if (!url.includes('#')) return undefined;
  try {
    new WebSocket(url).close();
    return undefined;
  } catch (error) {
    return (error as Error).name;
  }
}

/** Causes that the client gives before the gateway has said more. */
const wordless = new Set(['no-close-frame', 'connect-timeout']);
const quiet = { debug() {}, info() {}, warn() {} };

async function diagnoseFor({ options: { token, ...options }, withinMs, ends = 0 }: Asked): Promise<Told> {
  heardEnds.length = 0;
  const thrown = thrownAt(String(options.url));
  const connection = createConnection({
    ...options,
    logger: quiet,
    ...(token !== undefined && { token: () => token }),
  });
  if (ends > 0) await endsOf(connection, ends);
  const { state } = connection;
  const diagnosis = await connection.diagnose({ ...(withinMs !== undefined && { withinMs }) });
  connection.close();
  return { diagnosis, state, ends: [...heardEnds], thrown };
}

/** Opens it and tries again at once, until it has ended so often and says why, or has stopped, or is open. */
function endsOf(connection: ReturnType<typeof createConnection>, ends: number): Promise<void> {
  return new Promise((resolve) => {
    connection.onState((state) => {
      if (state.kind === 'closed' || state.kind === 'open') return resolve();
      if (state.kind !== 'waiting') return;
      if (state.tries < ends) queueMicrotask(() => connection.retryNow());
      // After the second one the gateway is asked, and its answer comes a moment later.
      else if (ends !== 2 || !wordless.has(state.cause.name)) resolve();
    });
    connection.connect();
  });
}

Object.assign(window, { diagnoseFor });
