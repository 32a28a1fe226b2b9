// The connection: one state machine over many socket attempts. It alone opens and leaves sockets and decides what
// follows an end. Everything that belongs to an older attempt is known by its number (`round`) and ignored.

import { protocolVersion, type Identity, type WelcomeFrame } from '@telltale/protocol';
import { broken, createAttempt, type Attempt } from './attempt.ts';
import type { Attendant } from './attendant.ts';
import { causeOf } from './cause.ts';
import { realEnvironment, type Environment } from './environment.ts';
import { tell } from './listeners.ts';
import { consoleLogger } from './logger.ts';
import { createReceiver } from './receive.ts';
import { createRequests } from './requests.ts';
import { backoffMs, decide, type Decision, type End, type RetryFacts } from './retry.ts';
import type { Session } from './session.ts';
import { createSubscriptions } from './subscriptions.ts';
import { createTokenSource } from './token.ts';
import type { Cause, Connection, ConnectionOptions, ConnectionState, SubscriptionEvent } from './types.ts';
import { defaultUrl, maskUrl } from './url.ts';

const lookMs = 5_000;
const notLoaded = 'part of the client is missing';
const nobody: Identity = { id: '', issuer: '', subject: '', kind: 'anonymous', scope: 'viewer' };

/** Makes a connection; it stays idle until `connect` is called. */
export function createConnection(options: ConnectionOptions = {}): Connection {
  return createConnectionIn(options, realEnvironment);
}

/** As `createConnection`, with the world passed in. */
export function createConnectionIn(options: ConnectionOptions, environment: Environment): Connection {
  const { stableMs = 10_000, lingerMs = 3_000, logger = consoleLogger } = options;
  const { now, after } = environment;
  const isForeign = options.speaks === 'foreign';
  const url = maskUrl(String(options.url ?? defaultUrl()));
  const tokens = createTokenSource(options.token);
  const requests = createRequests();
  const stateListeners = new Set<(state: ConnectionState) => void>();

  let state: ConnectionState = { kind: 'idle' };
  /** The one that runs or ended last. */
  let attempt: Attempt | undefined;
  let session: Session | undefined;
  let heardAt = 0;
  let identity: string | undefined;
  // Since a session was last stable:
  let tries = 0;
  let endedAt = 0;
  let hasRenewed = false;
  let refusedToken: string | undefined;

  let usedToken: string | undefined;
  let isSlot = false;
  let cancelTimer = () => {};
  let attendant: Attendant | undefined;
  let coming: Promise<Attendant> | undefined;

  const send = (frame: object) => state.kind === 'open' && attempt?.send(JSON.stringify(frame)) === true;
  const world = { options, environment, logger, tokens, requests, lingerMs, send, limits: () => session?.limits };
  const subscriptions = createSubscriptions(world);
  const receiver = createReceiver({
    ...world,
    now,
    isForeign,
    subscriptions,
    onWelcome,
    onSaid: (frame) => attempt?.announce(frame),
    onPong: (frame) => attendant?.pong(frame),
  });

  const isOff = () => state.kind === 'idle' || state.kind === 'closed';
  function setState(next: ConnectionState): void {
    state = next;
    logger.debug(next.kind, next);
    tell(stateListeners, logger, next);
  }
  /** Fetches who attends; what failed is tried again when it is needed. */
  function later(): Promise<Attendant> {
    coming ??= environment.load().then(
      ({ createAttendant }) => {
        attendant = createAttendant({
          ...world,
          state: () => state,
          setState,
          facts,
          finish,
          onToken(token) {
            usedToken = token;
          },
          onSilent: (reason) => attempt?.fail('silent', { reason, isReplaced: isStable() }),
          onOffline,
          onWake,
        });
        attend();
        return attendant;
      },
      (error: unknown) => {
        coming = undefined;
        logger.warn(notLoaded, { error });
        throw Object.assign(error as Error, { code: 1006, retryable: true });
      },
    );
    return coming;
  }
  /** Whichever comes last, a session or who attends it. */
  function attend(): void {
    if (!isOff()) attendant?.attend(session);
  }

  /** Leaves whatever is there; nothing older is heard of from here on. */
  function drop(code?: number, reason?: string): void {
    cancelTimer();
    attempt?.leave(code, reason);
    if (!session) return;
    session = undefined;
    subscriptions.lost(heardAt);
    requests.clear();
    attendant?.lost();
  }
  function begin(cause?: Cause): void {
    drop();
    const fresh = cause?.next === 'retry-with-new-token';
    tries++;
    attempt = createAttempt(
      {
        ...world,
        onToken(token) {
          usedToken = token;
          // The same again would be refused again.
          const isRefused = fresh && token === refusedToken;
          if (isRefused) finish({ ...cause, hint: '' }, { next: 'sign-in', delayMs: 0, isSlot });
          return isRefused;
        },
        onOpen: () => opened(attempt?.id as string, nobody, 'production'),
        onText(text) {
          heardAt = now();
          attendant?.heard();
          receiver.receive(text);
        },
        onEnd: settle,
      },
      fresh,
    );
    // Fetched now: a hub that goes away serves nothing later. What failed is tried again with the next attempt.
    later().catch(() => {});
    setState({ kind: 'connecting', attempt: attempt.id, since: now(), tries, ...(cause && { cause }) });
  }
  function opened(id: string, who: Identity, mode: WelcomeFrame['mode']): void {
    attempt?.arrive();
    logger.info('connected', { url, session: id, attempt: attempt?.id });
    setState({ kind: 'open', session: id, since: now(), identity: who, mode });
  }
  function onWelcome(frame: WelcomeFrame): void {
    if (frame.protocol !== protocolVersion) return attempt?.fail('protocol-version', { code: 1002 });
    const { id } = frame.identity;
    if (identity && identity !== id) subscriptions.clear();
    identity = id;
    const mine = (session = { ...frame, aheadMs: frame.time - now() });
    opened(frame.session, frame.identity, frame.mode);
    if (mine !== session) return;
    subscriptions.welcome(frame);
    attend();
  }
  function isStable(): boolean {
    return state.kind === 'open' && now() - state.since >= stableMs;
  }
  function forgetTries(): void {
    tries = 0;
    hasRenewed = false;
    refusedToken = undefined;
  }

  function facts(override?: boolean): RetryFacts {
    if (tries === 1) endedAt = now();
    const delayMs = backoffMs(now() - endedAt, environment.random);
    return { delayMs, canRenew: tokens.canRenew, hasRenewed, override };
  }
  /** What follows an end. */
  function settle(end: End, override?: boolean): void {
    if (isStable()) {
      forgetTries();
      tries = 1;
    }
    finish(end, decide(end, facts(override)));
  }
  function finish(end: End, { next, delayMs, isSlot: named }: Decision): void {
    const cause = causeOf(end, next);
    logger.info('disconnected', { url, ...cause });
    drop();
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
      cancelTimer = after(delayMs, retryNow);
      setState({ kind: 'waiting', attempt: end.attempt, tries, retryAt: now() + delayMs, cause });
    }
    // Without words for people the short ones stay.
    later().then(
      (found) => found.explain(end, cause),
      () => {},
    );
  }
  function rest(cause: Cause = causeOf(broken(attempt?.id ?? '', 'offline'), 'retry-when-online')): void {
    // Who tells of the network's return may not have been fetched yet.
    cancelTimer = after(lookMs, () => (environment.isOnline() ? retryNow() : rest(cause)));
    if (state.kind !== 'offline') {
      setState({ kind: 'offline', since: now(), cause: { ...cause, next: 'retry-when-online' } });
    }
  }
  function stay(cause: Cause): void {
    attendant?.leave();
    forgetTries();
    setState({ kind: 'closed', cause });
  }
  function onOffline(): void {
    if (isStable()) forgetTries();
    drop();
    rest();
  }
  function onWake(): void {
    if (state.kind === 'waiting' ? !isSlot : state.kind === 'offline' && environment.isOnline()) retryNow();
  }
  function retryNow(): void {
    if (state.kind === 'waiting' || state.kind === 'offline') begin(state.cause);
    else if (state.kind === 'closed') connect();
  }
  function connect(): void {
    if (!isOff()) return;
    if (environment.isOnline()) begin();
    else rest();
    attend();
  }

  const api: Connection = {
    get state() {
      return state;
    },
    get roundTripMs() {
      return attendant?.clock.roundTripMs;
    },
    get clockOffsetMs() {
      return attendant?.clock.offsetMs ?? 0;
    },
    get newestAt() {
      return receiver.newestAt;
    },
    get outbox() {
      return attendant?.outbox.list() ?? [];
    },
    get freshness() {
      return subscriptions.freshness(state.kind === 'open');
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
      if (isOff()) return;
      drop(1000, reason.slice(0, 40));
      tokens.forget();
      const cause = causeOf({ attempt: attempt?.id ?? '', code: 1000, reason, wasClean: true }, 'stop');
      logger.info('disconnected', { url, ...cause });
      stay(cause);
    },
    retryNow,
    subscribe: (channel, listener, subscribeOptions = {}) =>
      subscriptions.subscribe(channel, listener as (event: SubscriptionEvent) => void, subscribeOptions) as never,
    publish: (channel, data, publishOptions = {}) =>
      attendant?.outbox.publish(channel, data, publishOptions) ??
      later().then(
        ({ outbox }) => outbox.publish(channel, data, publishOptions),
        () => ({ kind: 'expired', uncertain: false }),
      ),
    call: (method, params) => later().then(({ call }) => call(method, params)),
    ask: (frame) => later().then(({ ask }) => ask(frame)),
    diagnose: (diagnoseOptions) =>
      later()
        .then(({ diagnose }) => diagnose(diagnoseOptions))
        .catch(() => ({
          at: now(),
          tookMs: 0,
          checks: [],
          verdict: { outcome: 'unknown', name: 'not-loaded', sentence: notLoaded, cure: '' },
        })),
    send(frame) {
      if (typeof frame === 'string') return state.kind === 'open' && attempt?.send(frame) === true;
      const needsId = !isForeign && 'type' in frame && !('id' in frame);
      return send(needsId ? { ...frame, id: requests.add(undefined) } : frame);
    },
  };
  return api;
}
