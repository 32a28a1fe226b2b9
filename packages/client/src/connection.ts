// The connection: one state machine over many socket attempts. It alone opens and leaves sockets, decides what follows
// an end, and hands frames to those who hold something (subscriptions, outbox, requests). Everything that belongs to
// an older attempt is ignored by its number (`round`), never by hoping that it stays quiet.

import {
  decodeServerFrame,
  protocolVersion,
  type GoodbyeFrame,
  type RefusedFrame,
  type ServerFrame,
  type WelcomeFrame,
} from '@telltale/protocol';
import { callError } from './call-error.ts';
import { causeOf, endOf } from './cause.ts';
import { createClock } from './clock.ts';
import { dial } from './dial.ts';
import { realEnvironment, type Environment, type Signal } from './environment.ts';
import { explainLater } from './explain.ts';
import { foreignWelcome } from './foreign.ts';
import { createRateGate } from './limits.ts';
import { createLiveness, type Liveness } from './liveness.ts';
import { consoleLogger } from './logger.ts';
import { createOutbox } from './outbox.ts';
import { createRequests } from './requests.ts';
import { decide, type Decision, type End } from './retry.ts';
import type { Socket } from './socket.ts';
import { createSubscriptions } from './subscriptions.ts';
import { createTokenSource } from './token.ts';
import type { Cause, Connection, ConnectionOptions, ConnectionState, Freshness, SubscriptionEvent } from './types.ts';
import { attemptUrl, maskUrl, socketUrl } from './url.ts';
import { askWhy } from './why.ts';

const askEveryMs = 10_000;
const silentBefore = 2;

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
  const gate = createRateGate(now);
  const clock = createClock(now);
  const stateListeners = new Set<(state: ConnectionState) => void>();
  const frameListeners = new Set<(frame: ServerFrame | undefined, text: string) => void>();

  let state: ConnectionState = { kind: 'idle' };
  let round = 0;
  let socket: Socket | undefined;
  /** Of the session; undefined: there is none. */
  let welcome: WelcomeFrame | undefined;
  /** What a frame said about the end that is coming. */
  let said: RefusedFrame | GoodbyeFrame | undefined;
  let liveness: Liveness | undefined;
  let identity: string | undefined;
  let newestAt: number | undefined;
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
  let cancelRenewal = () => {};
  let unwatch: (() => void) | undefined;

  const isOpen = () => state.kind === 'open';
  const limits = () => (isForeign ? undefined : welcome?.limits);
  const sendFrame = (frame: object) => isOpen() && socket?.send(JSON.stringify(frame)) === true;
  const world = { environment, requests, logger, gate, lingerMs, limits, send: sendFrame };
  const subscriptions = createSubscriptions(world);
  const outbox = createOutbox(world);

  function tell<Args extends unknown[]>(listeners: Set<(...args: Args) => void>, ...args: Args): void {
    for (const listener of [...listeners]) {
      try {
        listener(...args);
      } catch (error) {
        logger.warn('a listener threw', { error });
      }
    }
  }
  function setState(next: ConnectionState): void {
    state = next;
    const { kind } = next;
    logger.debug(`connection ${kind}`, 'tries' in next ? { tries: next.tries } : {});
    tell(stateListeners, next);
  }
  /** Leaves whatever is there; nothing older is heard of from here on. */
  function drop(code?: number, reason?: string): number {
    cancelTimer();
    cancelRenewal();
    liveness?.stop();
    const heardAt = liveness?.heardAt ?? now();
    const left = socket;
    const hadSession = welcome !== undefined;
    liveness = socket = welcome = said = undefined;
    left?.leave(code, reason);
    if (hadSession) {
      lostAt = heardAt;
      outbox.lost();
      subscriptions.lost(heardAt);
    }
    requests.clear();
    return ++round;
  }

  function begin(cause?: Cause, fresh = false): void {
    const mine = drop();
    const attempt = environment.randomId();
    tries++;
    const deadline = (ms: number, name: string, reason: string) => {
      cancelTimer();
      cancelTimer = after(ms, () =>
        settle({ attempt, code: 1006, wasClean: false, name, reason, ...saidFields(attempt) }),
      );
    };
    const seconds = connectTimeoutMs / 1000;
    deadline(connectTimeoutMs, 'connect-timeout', `No answer within ${seconds} s.`);
    setState({ kind: 'connecting', attempt, since: now(), tries, ...(cause === undefined ? {} : { cause }) });
    if (mine !== round) return;
    const refuseToken = () => {
      if (cause === undefined) return;
      const { code, name, stage, reason, wasClean } = cause;
      finish(
        { attempt: cause.attempt, code, name, stage, reason, wasClean },
        { next: 'sign-in', delayMs: 0, isSlot: false },
      );
    };
    tokens.get(fresh).then(
      (token) => {
        if (mine !== round) return;
        // The same again would be refused again.
        if (fresh && token === refusedToken) return refuseToken();
        usedToken = token;
        open(attempt, mine, token, deadline);
      },
      (error: unknown) => {
        logger.warn('no token', { error: error instanceof Error ? error.name : typeof error });
        const reason = 'The application could not supply a token.';
        if (mine === round) settle({ attempt, code: 1006, wasClean: false, name: 'token-unavailable', reason });
      },
    );
  }
  function saidFields(attempt: string): Partial<End> {
    return said === undefined ? {} : endOf(attempt, { code: said.code, reason: '', wasClean: false }, said);
  }

  function open(
    attempt: string,
    mine: number,
    token: string | undefined,
    deadline: (ms: number, name: string, reason: string) => void,
  ): void {
    const dialled = dial(options, attempt, token, {
      onOpen() {
        if (mine !== round) return;
        const seconds = connectTimeoutMs / 1000;
        deadline(
          connectTimeoutMs,
          'welcome-missing',
          `Connected, but no welcome within ${seconds} s: is this a Telltale gateway?`,
        );
        if (isForeign) begun(foreignWelcome(attempt, now()));
      },
      onText(text) {
        if (mine === round) receive(text, attempt);
      },
      onClose(code, reason, wasClean) {
        if (mine !== round) return;
        const override = options.shouldReconnect?.({ code, reason, wasClean });
        settle(endOf(attempt, { code, reason, wasClean }, said), override);
      },
    });
    if ('reason' in dialled) {
      const end = { attempt, code: 1006, wasClean: false, retry: false, ...dialled };
      settle(end);
    } else socket = dialled;
  }

  function receive(text: string | undefined, attempt: string): void {
    liveness?.heard();
    if (text === undefined) return logger.warn('unreadable frame: found binary, expected text');
    if (isForeign) return tell(frameListeners, undefined, text);
    const decoded = decodeServerFrame(text);
    if (decoded.kind !== 'frame') return logger.warn(`unreadable frame: ${decoded.reason}`);
    const { frame } = decoded;
    if (welcome === undefined && frame.type !== 'welcome' && frame.type !== 'refused') {
      return logger.warn(`unexpected frame: found ${frame.type} before welcome`);
    }
    if (handle(frame, attempt)) tell(frameListeners, frame, text);
  }

  /** Applies a frame; false: it is none of the application's business. */
  function handle(frame: ServerFrame, attempt: string): boolean {
    switch (frame.type) {
      case 'welcome':
        if (welcome !== undefined) logger.warn('unexpected frame: found a second welcome');
        else if (frame.protocol !== protocolVersion) {
          const reason = `found protocol ${frame.protocol}, this client speaks ${protocolVersion}`;
          settle({ attempt, code: 1002, wasClean: true, name: 'protocol-version', reason });
        } else begun(frame);
        return true;
      case 'refused':
      case 'goodbye':
        said = frame;
        return true;
      case 'subscribed':
        subscriptions.subscribed(frame);
        return true;
      case 'unsubscribed':
        subscriptions.unsubscribed(frame);
        return true;
      case 'messages': {
        const count = subscriptions.messages(frame);
        if (count !== undefined && count > 0) newestAt = now();
        return count !== undefined && (count > 0 || frame.messages.length === 0);
      }
      case 'result':
        return !requests.answer(frame.id, frame);
      case 'error':
        if (requests.answer(frame.id, frame)) return false;
        logger.warn('error of the gateway', { code: frame.code, message: frame.message });
        return true;
      case 'ping':
        sendFrame({ type: 'pong', at: frame.at, time: now() });
        return false;
      case 'pong':
        clock.pong(frame);
        return false;
    }
  }

  function begun(frame: WelcomeFrame): void {
    cancelTimer();
    welcome = frame;
    if (identity !== undefined && identity !== frame.identity.id) subscriptions.clear();
    identity = frame.identity.id;
    if (!isForeign) {
      clock.begin(frame.time);
      gate.begin(frame.limits);
    }
    const { session, mode } = frame;
    logger.info('connected', {
      url: maskUrl(String(options.url ?? socketUrl(undefined))),
      session,
      attempt: frame.attempt,
    });
    setState({ kind: 'open', session, since: now(), identity: frame.identity, mode });
    if (welcome !== frame || isForeign) return;
    const ping = () => sendFrame({ type: 'ping', at: now() });
    liveness = createLiveness(environment, frame.heartbeatMs, ping, (silenceMs) => {
      const reason = `Nothing was heard for ${Math.round(silenceMs / 1000)} s.`;
      settle({ attempt: frame.attempt, code: 1006, wasClean: false, name: 'silent', reason, isReplaced: isStable() });
    });
    renewBefore(frame.expiresAt);
    subscriptions.welcome(frame);
    outbox.welcome(frame.identity.id);
  }
  const isStable = () => state.kind === 'open' && now() - state.since >= stableMs;

  /** At 80 % of what is left, so that a timer that is a minute late still is in time. */
  function renewBefore(expiresAt: number | undefined): void {
    cancelRenewal();
    if (expiresAt === undefined || !tokens.canRenew) return;
    const leftMs = expiresAt - clock.serverNow();
    const mine = round;
    cancelRenewal = after(Math.max(0, 0.8 * leftMs), () => {
      const failed = (reason: object) => {
        if (mine !== round) return;
        logger.warn('token not renewed', reason);
        if (expiresAt > clock.serverNow())
          cancelRenewal = after(Math.max(1_000, 0.1 * leftMs), () => renewBefore(expiresAt));
      };
      tokens.get(true).then(
        (token) => {
          if (mine !== round || token === undefined) return failed({ reason: 'the application has none' });
          const id = requests.add((answer) => {
            if (answer?.type === 'error') failed({ code: answer.code, message: answer.message });
            else if (answer !== undefined) {
              usedToken = token;
              const { expiresAt: renewed } = (answer.data ?? {}) as { expiresAt?: unknown };
              renewBefore(typeof renewed === 'number' ? renewed : undefined);
            }
          });
          sendFrame({ type: 'authenticate', id, token });
        },
        (error: unknown) => failed({ error: error instanceof Error ? error.name : typeof error }),
      );
    });
  }

  /** What follows an end. */
  function settle(end: End, override?: boolean): void {
    if (isStable()) forgetTries();
    silentEnds = end.code === 1006 && end.name !== 'token-unavailable' ? silentEnds + 1 : 0;
    const canRenew = tokens.canRenew;
    const decision = decide(end, { tries, random: environment.random, canRenew, hasRenewed, override });
    finish(end, decision);
  }
  function finish(end: End, decision: Decision): void {
    const cause = causeOf(end, decision.next);
    const { code, name, reason, wasClean, attempt, next } = cause;
    logger.info('disconnected', {
      url: maskUrl(String(options.url ?? '')),
      code,
      name,
      reason,
      wasClean,
      attempt,
      next,
    });
    const mine = drop();
    if (next === 'retry-with-new-token') {
      hasRenewed = true;
      refusedToken = usedToken;
      tokens.forget();
    }
    follow(cause, decision);
    void explainLater(end, cause, replaceCause);
    if (silentEnds >= silentBefore && !isForeign && now() - askedAt >= askEveryMs && mine === round)
      void ask(end, mine);
  }
  function follow(cause: Cause, { next, delayMs, isSlot: named }: Decision): void {
    isSlot = named;
    if (next === 'stop' || next === 'sign-in') return end(cause);
    if (!environment.isOnline()) return rest(cause);
    const fresh = next === 'retry-with-new-token';
    if (delayMs === 0) return begin(cause, fresh);
    cancelTimer = after(delayMs, () => begin(cause, fresh));
    setState({ kind: 'waiting', attempt: cause.attempt, tries, retryAt: now() + delayMs, cause });
  }
  function rest(cause: Cause): void {
    setState({ kind: 'offline', since: now(), cause: { ...cause, next: 'retry-when-online' } });
  }
  function end(cause: Cause): void {
    unwatch?.();
    unwatch = undefined;
    forgetTries();
    setState({ kind: 'closed', cause });
  }
  function forgetTries(): void {
    tries = silentEnds = 0;
    hasRenewed = false;
    refusedToken = undefined;
  }
  /** A better text for the cause that is shown. */
  function replaceCause(old: Cause, better: Cause): void {
    if ('cause' in state && state.cause?.attempt === old.attempt) setState({ ...state, cause: better });
  }
  async function ask(end: End, mine: number): Promise<void> {
    const { fetch = globalThis.fetch } = options;
    if (typeof fetch !== 'function') return;
    askedAt = now();
    const found = await askWhy(fetch, attemptUrl(socketUrl(options.url), end.attempt), end);
    const decision = decide(found, {
      tries,
      random: environment.random,
      canRenew: tokens.canRenew,
      hasRenewed,
      override: undefined,
    });
    const cause = causeOf(found, decision.next);
    logger.info('the gateway says why', {
      code: cause.code,
      name: cause.name,
      reason: cause.reason,
      attempt: cause.attempt,
    });
    if (mine !== round || state.kind !== 'waiting' || (decision.next === 'retry' && !decision.isSlot)) {
      return replaceCause(cause, { ...cause, next: 'retry' });
    }
    finish(found, decision);
  }

  function onSignal(signal: Signal): void {
    const { kind } = state;
    if (signal === 'offline') {
      if (kind === 'idle' || kind === 'closed' || kind === 'offline') return;
      const attempt = 'attempt' in state ? state.attempt : (welcome?.attempt ?? '');
      const reason = 'The browser has no network.';
      if (isStable()) forgetTries();
      drop();
      rest(causeOf({ attempt, code: 1006, name: 'offline', reason, wasClean: false }, 'retry-when-online'));
    } else if (kind === 'offline' && environment.isOnline()) begin(state.cause);
    else if (kind === 'waiting' && !isSlot) begin(state.cause, state.cause.next === 'retry-with-new-token');
    else if (kind === 'open') {
      liveness?.wake();
      const left = (welcome?.expiresAt ?? Infinity) - clock.serverNow();
      if (left < 60_000) renewBefore(welcome?.expiresAt);
    }
  }

  return {
    get state() {
      return state;
    },
    get roundTripMs() {
      return clock.roundTripMs;
    },
    get clockOffsetMs() {
      return clock.offsetMs;
    },
    get newestAt() {
      return newestAt;
    },
    get outbox() {
      return outbox.list();
    },
    get freshness() {
      const ofLine: Freshness = lostAt === undefined ? { kind: 'catching-up' } : { kind: 'stale', since: lostAt };
      return subscriptions.freshness() ?? (isOpen() ? { kind: 'live' } : ofLine);
    },
    onState(listener) {
      stateListeners.add(listener);
      return () => stateListeners.delete(listener);
    },
    onFrame(listener) {
      frameListeners.add(listener);
      return () => frameListeners.delete(listener);
    },
    connect() {
      if (state.kind !== 'idle' && state.kind !== 'closed') return;
      unwatch ??= environment.watch(onSignal);
      const reason = 'The browser has no network.';
      if (environment.isOnline()) begin();
      else rest(causeOf({ attempt: '', code: 1006, name: 'offline', reason, wasClean: false }, 'retry-when-online'));
    },
    close(reason = 'closed by this client') {
      if (state.kind === 'idle' || state.kind === 'closed') return;
      const attempt = 'attempt' in state ? state.attempt : (welcome?.attempt ?? '');
      drop(1000, reason.slice(0, 40));
      tokens.forget();
      logger.info('disconnected', { code: 1000, name: 'closed', reason, wasClean: true });
      end(causeOf({ attempt, code: 1000, reason, wasClean: true }, 'stop'));
    },
    retryNow() {
      if (state.kind === 'waiting' || state.kind === 'offline') {
        begin(state.cause, state.cause.next === 'retry-with-new-token');
      } else if (state.kind === 'closed') this.connect();
    },
    subscribe: (channel, listener, subscribeOptions = {}) =>
      subscriptions.subscribe(channel, listener as (event: SubscriptionEvent) => void, subscribeOptions) as never,
    publish: (channel, data, publishOptions = {}) => outbox.publish(channel, data, publishOptions),
    call: (method, params = null) =>
      new Promise((resolve, reject) => {
        const away = () => reject(callError(1006, 'found no open line, or it broke before the answer', true));
        const id = requests.add((answer) => {
          if (answer === undefined) away();
          else if (answer.type === 'error') reject(callError(answer.code, answer.message, answer.retryable));
          else resolve(answer.data);
        });
        if (!sendFrame({ type: 'call', id, method, params })) {
          requests.drop(id);
          away();
        }
      }),
    send(frame) {
      if (typeof frame === 'string') return isOpen() && socket?.send(frame) === true;
      const needsId =
        !isForeign && 'type' in frame && !('id' in frame) && frame.type !== 'ping' && frame.type !== 'pong';
      return sendFrame(needsId ? { ...frame, id: requests.nextId() } : frame);
    },
  };
}
