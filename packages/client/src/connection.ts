// The connection: one state machine over many socket attempts. It alone opens and leaves sockets and decides what
// follows an end. Everything that belongs to an older attempt is known by its number (`round`) and ignored.

import {
  protocolVersion,
  type GoodbyeFrame,
  type Identity,
  type Limits,
  type RefusedFrame,
  type WelcomeFrame,
} from '@telltale/protocol';
import { causeOf, endOf } from './cause.ts';
import type { ServerClock } from './clock.ts';
import { dial } from './dial.ts';
import { realEnvironment, type Environment, type Signal } from './environment.ts';
import { tell } from './listeners.ts';
import type { Liveness } from './liveness.ts';
import { consoleLogger } from './logger.ts';
import type { Outbox } from './outbox.ts';
import { createReceiver } from './receive.ts';
import type { Renewal } from './renewal.ts';
import { createRequests, type OnAnswer } from './requests.ts';
import { decide, type Decision, type End, type RetryFacts } from './retry.ts';
import type { Socket } from './socket.ts';
import { createSubscriptions } from './subscriptions.ts';
import { createTokenSource } from './token.ts';
import type { Cause, Connection, ConnectionOptions, ConnectionState, Freshness, SubscriptionEvent } from './types.ts';
import { maskUrl, socketUrl } from './url.ts';

type Late = typeof import('./late.ts');

const askEveryMs = 10_000;
const lookMs = 5_000;
const nobody: Identity = { id: '', issuer: '', subject: '', kind: 'anonymous', scope: 'viewer' };

/** Makes a connection; it stays idle until `connect` is called. */
export function createConnection(options: ConnectionOptions = {}): Connection {
  return createConnectionIn(options, realEnvironment);
}

/** As `createConnection`, with the world passed in. */
export function createConnectionIn(options: ConnectionOptions, environment: Environment): Connection {
  const { connectTimeoutMs = 10_000, stableMs = 10_000, lingerMs = 3_000, logger = consoleLogger } = options;
  const { now, after } = environment;
  const isForeign = options.speaks === 'foreign';
  const tokens = createTokenSource(options.token);
  const requests = createRequests();
  const stateListeners = new Set<(state: ConnectionState) => void>();

  let state: ConnectionState = { kind: 'idle' };
  let round = 0;
  /** The attempt that runs or ended last. */
  let attempt = '';
  let socket: Socket | undefined;
  /** Of the session; undefined: there is none. */
  let limits: Limits | undefined;
  let expiresAt: number | undefined;
  let heartbeatMs = 0;
  let aheadMs = 0;
  let heardAt = 0;
  let liveness: Liveness | undefined;
  /** What a frame said about the end that is coming. */
  let said: RefusedFrame | GoodbyeFrame | undefined;
  let identity: string | undefined;
  /** When something was last heard of the session before. */
  let lostAt: number | undefined;
  // Since a session was last stable:
  let tries = 0;
  let silentEnds = 0;
  let hasRenewed = false;
  let refusedToken: string | undefined;

  let usedToken: string | undefined;
  let isSlot = false;
  let askedAt = -askEveryMs;
  let cancelTimer = () => {};
  let unwatch: (() => void) | undefined;
  let outbox: Outbox | undefined;
  let clock: ServerClock | undefined;
  let renewal: Renewal | undefined;
  let late: Promise<Late> | undefined;
  let parts: Late | undefined;

  const send = (frame: object) => state.kind === 'open' && socket?.send(JSON.stringify(frame)) === true;
  const world = { environment, requests, logger, lingerMs, send, limits: () => limits };
  const subscriptions = createSubscriptions(world);
  const receiver = createReceiver({
    now,
    logger,
    isForeign,
    requests,
    subscriptions,
    send,
    onWelcome,
    onSaid,
    onPong: (frame) => clock?.pong(frame),
  });

  function setState(next: ConnectionState): void {
    state = next;
    logger.debug(next.kind, next);
    tell(stateListeners, logger, next);
  }
  /** Fetches what is needed later; what failed is tried again when it is needed. */
  function later(): Promise<Late> {
    late ??= import('./late.ts').then(
      (found) => {
        const authenticate = (token: string, onAnswer: OnAnswer) => {
          usedToken = token;
          send({ type: 'authenticate', id: requests.add(onAnswer), token });
        };
        parts = found;
        outbox = found.createOutbox(world);
        clock = found.createClock(now);
        renewal = found.createRenewal(environment, clock, tokens, authenticate, logger);
        begun();
        return found;
      },
      (error: unknown) => {
        late = undefined;
        throw error;
      },
    );
    return late;
  }
  /** Once there is a session and what watches over it, whichever comes last. */
  function begun(): void {
    if (parts === undefined) return;
    if (state.kind !== 'closed') unwatch ??= (environment.watch ?? parts.watchPage)(onSignal);
    if (limits === undefined) return;
    clock?.begin(aheadMs);
    liveness = parts.createLiveness(
      environment,
      heartbeatMs,
      () => send({ type: 'ping', at: now() }),
      (silenceMs) =>
        settle(broken('silent', { reason: `silent for ${Math.round(silenceMs / 1000)} s`, isReplaced: isStable() })),
    );
    outbox?.welcome(identity as string, limits);
    renewal?.expiresAt(expiresAt);
  }

  /** Leaves whatever is there; nothing older is heard of from here on. */
  function drop(code?: number, reason?: string): number {
    cancelTimer();
    renewal?.expiresAt(undefined);
    liveness?.stop();
    socket?.leave(code, reason);
    const hadSession = limits !== undefined;
    liveness = socket = said = limits = undefined;
    if (hadSession) {
      lostAt = heardAt;
      subscriptions.lost(heardAt);
      requests.clear();
      outbox?.lost();
    }
    return ++round;
  }
  function broken(name: string, more?: Partial<End>): End {
    return { attempt, code: 1006, wasClean: false, name, reason: '', ...more };
  }

  function begin(cause?: Cause): void {
    const mine = drop();
    const fresh = cause?.next === 'retry-with-new-token';
    attempt = environment.randomId();
    tries++;
    const deadline = (name: string) => {
      cancelTimer();
      cancelTimer = after(connectTimeoutMs, () =>
        settle(said ? endOf(attempt, { code: said.code, reason: '', wasClean: false }, said) : broken(name)),
      );
    };
    deadline('connect-timeout');
    // Fetched now: a hub that goes away serves nothing later. What failed is tried again with the next attempt.
    later().catch(() => {});
    setState({ kind: 'connecting', attempt, since: now(), tries, ...(cause && { cause }) });
    tokens.get(fresh).then(
      (token) => {
        if (mine !== round) return;
        // The same again would be refused again.
        if (fresh && token === refusedToken) {
          return finish({ ...cause, hint: '' }, { next: 'sign-in', delayMs: 0, isSlot });
        }
        usedToken = token;
        const dialled = dial(options, attempt, token, {
          onOpen() {
            if (mine !== round) return;
            if (!isForeign) return deadline('welcome-missing');
            cancelTimer();
            setState({ kind: 'open', session: attempt, since: now(), identity: nobody, mode: 'production' });
          },
          onText(text) {
            if (mine !== round) return;
            heardAt = now();
            liveness?.heard();
            receiver.receive(text, limits !== undefined);
          },
          onClose(code, reason, wasClean) {
            if (mine !== round) return;
            const override = options.shouldReconnect?.({ code, reason, wasClean });
            settle(endOf(attempt, { code, reason, wasClean }, said), override);
          },
        });
        if ('reason' in dialled) settle(broken('', { retry: false, ...dialled }));
        else socket = dialled;
      },
      (error: unknown) => {
        logger.warn('no token', { error: (error as Error | undefined)?.name });
        if (mine === round) settle(broken('token-unavailable'));
      },
    );
  }

  function onWelcome(frame: WelcomeFrame): void {
    const { session, mode, protocol } = frame;
    if (protocol !== protocolVersion) {
      return settle({ ...broken('protocol-version'), code: 1002 });
    }
    cancelTimer();
    if (identity !== undefined && identity !== frame.identity.id) subscriptions.clear();
    identity = frame.identity.id;
    limits = frame.limits;
    expiresAt = frame.expiresAt;
    heartbeatMs = frame.heartbeatMs;
    aheadMs = frame.time - now();
    const mine = round;
    logger.info('connected', { url: maskUrl(socketUrl(options.url)), session, attempt });
    setState({ kind: 'open', session, since: now(), identity: frame.identity, mode });
    if (mine !== round) return;
    subscriptions.welcome(frame);
    begun();
  }
  function onSaid(frame: RefusedFrame | GoodbyeFrame): void {
    said = frame;
  }
  function isStable(): boolean {
    return state.kind === 'open' && now() - state.since >= stableMs;
  }
  function forgetTries(): void {
    tries = silentEnds = 0;
    hasRenewed = false;
    refusedToken = undefined;
  }

  function retryFacts(override?: boolean): RetryFacts {
    return { tries, random: environment.random, canRenew: tokens.canRenew, hasRenewed, override };
  }
  /** What follows an end. */
  function settle(end: End, override?: boolean): void {
    if (isStable()) {
      forgetTries();
      tries = 1;
    }
    silentEnds = end.code === 1006 && end.name !== 'token-unavailable' ? silentEnds + 1 : 0;
    finish(end, decide(end, retryFacts(override)));
  }
  function finish(end: End, { next, delayMs, isSlot: named }: Decision): void {
    const cause = causeOf(end, next);
    logger.info('disconnected', { url: maskUrl(String(options.url ?? '')), ...cause });
    const mine = drop();
    isSlot = named;
    if (next === 'retry-with-new-token') {
      hasRenewed = true;
      refusedToken = usedToken;
    }
    if (next === 'retry-with-new-token' || next === 'sign-in') tokens.forget();
    if (next === 'stop' || next === 'sign-in') stay(cause);
    else if (!environment.isOnline()) rest(cause);
    else if (delayMs === 0) begin(cause);
    else {
      cancelTimer = after(delayMs, () => begin(cause));
      setState({ kind: 'waiting', attempt, tries, retryAt: now() + delayMs, cause });
    }
    const shouldAsk = !isForeign && silentEnds > 1 && now() - askedAt >= askEveryMs;
    if (shouldAsk) askedAt = now();
    // Without the chunk the short words stay.
    explain(end, cause, mine, shouldAsk).catch(() => {});
  }
  function rest(cause: Cause = causeOf(broken('offline'), 'retry-when-online')): void {
    // Who tells of the network's return may not have been fetched yet.
    cancelTimer = after(lookMs, () => (environment.isOnline() ? begin(cause) : rest(cause)));
    if (state.kind !== 'offline') {
      setState({ kind: 'offline', since: now(), cause: { ...cause, next: 'retry-when-online' } });
    }
  }
  function stay(cause: Cause): void {
    unwatch?.();
    unwatch = undefined;
    forgetTries();
    setState({ kind: 'closed', cause });
  }
  /** Finds better words for a cause, and where the end came without a word, what the gateway says of it. */
  async function explain(end: End, cause: Cause, mine: number, shouldAsk: boolean): Promise<void> {
    const { explain: inWords, findOut } = await later();
    // The next attempt may have begun already; then it shows the better words.
    const show = (better: Cause) => {
      if ('cause' in state && state.cause?.attempt === cause.attempt) {
        setState({ ...state, cause: { ...better, next: state.cause.next } });
      }
    };
    // Before asking: a server that has stopped lets the question wait as well.
    show(inWords(end, cause));
    if (!shouldAsk) return;
    const found = await findOut({ ...options, logger }, end, retryFacts);
    const { next, isSlot: named } = found.decision;
    if (mine === round && state.kind === 'waiting' && (next !== 'retry' || named)) {
      return finish(found.end, found.decision);
    }
    show(found.cause);
  }

  function onSignal(signal: Signal): void {
    const { kind } = state;
    if (signal === 'offline') {
      if (kind === 'offline') return;
      if (isStable()) forgetTries();
      drop();
      rest();
    } else if (kind === 'open') {
      liveness?.wake();
      renewal?.wake();
    } else if (kind === 'waiting' ? !isSlot : kind === 'offline' && environment.isOnline()) retryNow();
  }
  function retryNow(): void {
    if (state.kind === 'waiting' || state.kind === 'offline') begin(state.cause);
    else if (state.kind === 'closed') connect();
  }
  function connect(): void {
    if (state.kind !== 'idle' && state.kind !== 'closed') return;
    begun();
    if (environment.isOnline()) begin();
    else rest();
  }

  const api: Connection = {
    get state() {
      return state;
    },
    get roundTripMs() {
      return clock?.roundTripMs;
    },
    get clockOffsetMs() {
      return clock?.offsetMs ?? 0;
    },
    get newestAt() {
      return receiver.newestAt;
    },
    get outbox() {
      return outbox?.list() ?? [];
    },
    get freshness() {
      const ofLine: Freshness = lostAt === undefined ? { kind: 'catching-up' } : { kind: 'stale', since: lostAt };
      return subscriptions.freshness() ?? (state.kind === 'open' ? { kind: 'live' } : ofLine);
    },
    onState(listener) {
      stateListeners.add(listener);
      return () => stateListeners.delete(listener);
    },
    onFrame(listener) {
      receiver.listeners.add(listener);
      return () => receiver.listeners.delete(listener);
    },
    connect,
    close(reason = '') {
      if (state.kind === 'idle' || state.kind === 'closed') return;
      drop(1000, reason.slice(0, 40));
      tokens.forget();
      const cause = causeOf({ attempt, code: 1000, reason, wasClean: true }, 'stop');
      logger.info('disconnected', cause);
      stay(cause);
    },
    retryNow,
    subscribe: (channel, listener, subscribeOptions = {}) =>
      subscriptions.subscribe(channel, listener as (event: SubscriptionEvent) => void, subscribeOptions) as never,
    publish: (channel, data, publishOptions = {}) =>
      outbox?.publish(channel, data, publishOptions) ??
      later().then(
        () => api.publish(channel, data, publishOptions),
        () => ({ kind: 'expired', uncertain: false }),
      ),
    call: (method, params) => later().then(() => (outbox as Outbox).call(method, params)),
    send(frame) {
      if (typeof frame === 'string') return state.kind === 'open' && socket?.send(frame) === true;
      const needsId = !isForeign && 'type' in frame && !('id' in frame);
      return send(needsId ? { ...frame, id: requests.add(undefined) } : frame);
    },
  };
  return api;
}
