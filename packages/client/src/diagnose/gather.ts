// Tries everything that can be tried, side by side where nothing depends on it, and comes back in time with what is
// known then.

import { readToken } from '@telltale/protocol/token';
import type { Environment } from '../environment.ts';
import type { TokenSource } from '../token.ts';
import type { ConnectionOptions, ConnectionState, WebSocketConstructor } from '../types.ts';
import { socketUrl } from '../url.ts';
import type { Facts, PageFacts, TokenFacts } from './facts.ts';
import { hideToken } from './hide-token.ts';
import { createHttp, type HttpAnswer } from './http.ts';
import type { Patience } from './patience.ts';
import {
  cleanRealm,
  holdsBack,
  isNative,
  localNetworkPermission,
  nearness,
  page,
  type Permission,
  type PolicyWatch,
} from './place.ts';
import { probe, type SocketReport } from './probe.ts';

/** What an examination knows of the connection it is about. */
export interface DiagnoseWorld {
  readonly options: ConnectionOptions;
  readonly environment: Environment;
  readonly tokens: TokenSource;
  readonly state: () => ConnectionState;
  /** The server's clock minus ours, as the last ping told; undefined: there was none. */
  readonly clockAheadMs: () => number | undefined;
}

/** Chromium holds a socket back for up to five seconds, and then the server may take its time. */
const socketMs = 7_000;
const tokenMs = 2_000;
const httpMs = 4_000;
/** Kept for the questions that follow from what the socket did; where it failed at once they may take longer. */
const afterwardsMs = 1_800;
const stepMs = 4_000;
/** Whether a port that answers one scheme answers the other too: mostly not, and then in silence. */
const quickMs = 700;

export interface Gathered {
  readonly facts: Facts;
  /** To be kept out of all texts. */
  readonly token: string | undefined;
}

export async function gather(
  { options, environment, tokens, state, clockAheadMs }: DiagnoseWorld,
  patience: Patience,
  policy: PolicyWatch,
): Promise<Gathered> {
  const { within, left } = patience;
  const before = state();
  const isOpen = before.kind === 'open';
  const located = locate(options);
  const { url } = located;
  const http = createHttp(options.fetch ?? globalThis.fetch, environment);
  const attempt = environment.randomId();
  const begunAt = environment.now();

  let raw: string | undefined;
  /** Also where it is part of the URL. */
  let secret: string | undefined;
  async function readTheToken(): Promise<TokenFacts> {
    const got = await within(
      tokenMs,
      tokens.get(false).then((token) => ({ token })),
    );
    if (got === undefined) return { kind: 'unavailable' };
    raw = got.token;
    secret = raw ?? (url === undefined ? undefined : (new URL(url).searchParams.get('token') ?? undefined));
    if (secret === undefined) return { kind: 'none' };
    return { kind: 'read', reading: readToken(secret), length: secret.length };
  }
  const tokenFacts = readTheToken();
  const open = async (more: Partial<Parameters<typeof probe>[2]> = {}, changed: Partial<ConnectionOptions> = {}) => {
    const reserve = Math.min(afterwardsMs, left() / 3);
    return await probe({ ...options, ...changed }, environment, {
      attempt,
      token: raw,
      ms: Math.min(socketMs, left() - reserve),
      ...(url !== undefined && { stop: policy.socketBlocked(new URL(url)) }),
      ...more,
    });
  };
  const trySocket = async () => {
    const found = await tokenFacts;
    return isOpen || url === undefined || found.kind === 'unavailable' ? undefined : await open();
  };
  const askHttp = async () =>
    url === undefined ? undefined : await http.attempt(url, environment.randomId(), Math.min(httpMs, left() * 0.6));
  const askPermission = async (): Promise<Permission> =>
    page === undefined || url === undefined
      ? 'unknown'
      : ((await within(500, localNetworkPermission(nearness(new URL(url).hostname) === 'loopback'))) ?? 'unknown');

  const [token, socket, baseline, permission] = await Promise.all([
    tokenFacts,
    trySocket(),
    askHttp(),
    askPermission(),
  ]);

  const isDead = baseline?.kind === 'failed' || baseline?.kind === 'silent';
  const hasFailed = socket !== undefined && socket.kind !== 'opened';
  const native = options.WebSocket === undefined ? isNative(globalThis.WebSocket) : undefined;
  const step = () => Math.min(stepMs, left());
  const [told, path, answersOtherScheme, isGatewayAtPage, bare, clean] = await Promise.all([
    // A gateway that knows the attempt says more of it than its own frames could, had they arrived.
    when(url !== undefined && baseline?.kind === 'gateway' && socket !== undefined, () =>
      http.attempt(url as string, attempt, step()),
    ),
    when(url !== undefined && hasFailed && baseline?.kind === 'readable', () => http.path(url as string, step())),
    when(url !== undefined && hasFailed && baseline?.kind !== 'gateway' && (isDead || url.startsWith('ws:')), () =>
      http.isAnything(otherScheme(url as string), isDead ? step() : Math.min(step(), quickMs)),
    ),
    when(hasFailed && isDead, () => isGatewayAt(page, url as string, http, step())),
    when(socket?.kind === 'failed' && baseline?.kind !== 'gateway' && !isDead && options.speaks !== 'foreign', () =>
      open({ token: undefined, ms: step() }, { speaks: 'foreign' }),
    ),
    when(hasFailed && native === false, () => openClean(open, step())),
  ]);

  const pageFacts: PageFacts | undefined = page && {
    origin: page.origin,
    isSecure: page.protocol === 'https:',
    hostname: page.hostname,
    isHidden: environment.isHidden(),
    isNative: native,
    blocked: url === undefined ? { socket: false, http: false } : policy.blocked(new URL(url)),
    permission,
    holdsBack: holdsBack(),
  };
  const facts: Facts = {
    ...located,
    now: environment.now(),
    isForeign: options.speaks === 'foreign',
    isOnline: environment.isOnline(),
    page: pageFacts,
    token,
    isOpen,
    socket: hideInEnd(withLateEnd(socket, told), secret, token),
    bare,
    clean,
    http: baseline,
    path,
    answersOtherScheme: answersOtherScheme === true,
    isGatewayAtPage: isGatewayAtPage === true,
    attempt: told,
    attemptMs: environment.now() - begunAt,
    clockAheadMs:
      (socket?.kind === 'opened' ? socket.aheadMs : undefined) ??
      clockAheadMs() ??
      (baseline !== undefined && 'aheadMs' in baseline ? baseline.aheadMs : undefined),
    tries: 'tries' in before ? before.tries : 0,
  };
  return { facts, token: secret };
}

async function when<Value>(isWanted: boolean, ask: () => Promise<Value>): Promise<Value | undefined> {
  return isWanted ? await ask() : undefined;
}

/** A gateway may know how it closed that socket before its close is here. */
function withLateEnd(socket: SocketReport | undefined, told: HttpAnswer | undefined): SocketReport | undefined {
  if (socket?.kind !== 'opened' || socket.end !== undefined || told?.kind !== 'gateway') return socket;
  const { ended } = told.answer;
  return ended !== undefined && ended.code >= 4000 ? { ...socket, end: { ...ended, hadError: false } } : socket;
}

/** Before anything is cut: half a token is none that could be found. */
function hideInEnd(
  socket: SocketReport | undefined,
  secret: string | undefined,
  token: TokenFacts,
): SocketReport | undefined {
  if (socket?.kind !== 'opened' || socket.end === undefined) return socket;
  return { ...socket, end: hideToken(secret, token)(socket.end) };
}

function locate({ url }: ConnectionOptions): Pick<Facts, 'url' | 'urlFault'> {
  try {
    return { url: socketUrl(url), urlFault: undefined };
  } catch (error) {
    return { url: undefined, urlFault: (error as Error).message };
  }
}

function otherScheme(url: string): string {
  return url.replace(/^ws(s?):/, (_all, secure: string) => (secure === '' ? 'https:' : 'http:')).replace(/\?.*/s, '');
}

/** Whether a gateway answers at the page's own address, where the page's host is the URL's and its port is not. */
async function isGatewayAt(
  from: Location | undefined,
  url: string,
  http: ReturnType<typeof createHttp>,
  ms: number,
): Promise<boolean> {
  const { hostname, host, pathname } = new URL(url);
  if (from === undefined || hostname !== from.hostname || host === from.host) return false;
  const answer: HttpAnswer = await http.attempt(`${from.origin.replace(/^http/, 'ws')}${pathname}`, 'x'.repeat(22), ms);
  return answer.kind === 'gateway';
}

async function openClean(
  open: (more: { readonly WebSocket: WebSocketConstructor; readonly ms: number }) => Promise<SocketReport>,
  ms: number,
): Promise<SocketReport | undefined> {
  const realm = cleanRealm();
  try {
    return realm && (await open({ WebSocket: realm.WebSocket, ms }));
  } finally {
    realm?.remove();
  }
}
