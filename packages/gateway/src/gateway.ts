// The composition root: builds the parts of a gateway and connects them. What an application can call is here; how it is
// done is in the parts.

import type { ChannelShapes, Identity } from '@telltale/protocol';
import type { BearerAnswer } from './admission/credential.ts';
import { createAdmissionPolicy, type MayRead } from './admission/policy.ts';
import { ChannelRegistry, isAllowed } from './channels/definition.ts';
import { readPage, readStoredPage } from './channels/read-page.ts';
import { type Clock, systemClock } from './clock.ts';
import { Delivery } from './delivery/delivery.ts';
import { gatewayBroker } from './gateway-broker.ts';
import { gatewayLimits } from './gateway-limits.ts';
import { Tally } from './gateway-tally.ts';
import { callListener } from './listener.ts';
import { optionWarnings } from './option-warnings.ts';
import { randomText } from './random-text.ts';
import { Publisher } from './session/publisher.ts';
import { recheckRights } from './session/rights.ts';
import type { SessionContext } from './session/session-context.ts';
import { SessionHandler } from './session/session-handler.ts';
import { SessionRoster } from './session/session-roster.ts';
import { Session, type SessionEnd } from './session/session.ts';
import { stopSessions } from './session/stop-sessions.ts';
import type { Gateway, GatewayEvent, GatewayLog, GatewayOptions } from './types.ts';
import { endedLine } from './upgrade/attempt-log.ts';
import { type AcceptedSocket, createUpgrade } from './upgrade/upgrade.ts';
import { WebSocketSessionSocket } from './upgrade/websocket-session-socket.ts';

const quietLog: GatewayLog = { debug() {}, info() {}, warn() {}, error() {} };

/** Default tick of all logs, in milliseconds. */
const defaultFlushMs = 20;
/** Default time over which sessions come back after a planned stop, in milliseconds. */
const defaultReturnWindowMs = 6000;

/**
 * Makes a gateway. It does nothing until `attach`ed to a server.
 *
 * Throws `ERR_TELLTALE_…` on options that could not work, all faults of a list at once.
 */
export function createGateway<const Channels extends ChannelShapes>(
  options: GatewayOptions<Channels>,
): Gateway<Channels> {
  const { mode = 'development', log = quietLog } = options;
  const clock: Clock = options.clock ?? systemClock;
  const limits = gatewayLimits(options.limits);
  for (const warning of optionWarnings({ ...options, mode, limits })) log.warn({}, warning);
  const registry = new ChannelRegistry(options.channels);
  const broker = gatewayBroker({ options, registry, clock, log, logBytes: limits.logBytes });
  const publisher = new Publisher({ registry, broker, log, maxMessageBytes: limits.maxMessageBytes });
  const tally = new Tally();
  const interestListeners = new Set<(channel: string, interested: boolean) => void>();
  let stopping: Promise<void> | undefined;

  const delivery = new Delivery({
    broker,
    clock,
    flushMs: options.flushMs ?? defaultFlushMs,
    onInterest(channel, hasReaders) {
      for (const listener of interestListeners) callListener(log, 'onInterest', () => listener(channel, hasReaders));
    },
    onLost({ reader, channel }, error) {
      log.error({ err: error, channel }, 'A channel could not be followed');
      const session = reader as Session;
      session.unsubscribe(channel);
      const reason = 'the channel cannot be read now';
      session.send({ type: 'unsubscribed', channel, code: 4503, reason, retry: true });
      emit({ type: 'unsubscribed', session, channel, reason });
    },
    onCaughtUp: ({ reader, channel }) => emit({ type: 'caught-up', session: reader as Session, channel }),
    onGap: ({ reader, channel }, from, to) => emit({ type: 'gap', session: reader as Session, channel, from, to }),
  });
  const roster = new SessionRoster(clock, limits, {
    onTick: () => broker.sweep(),
    onRoundTrip: (session, roundTripMs) => emit({ type: 'round-trip', session, roundTripMs }),
    onBehind: (session, channel) => emit({ type: 'catching-up', session, channel }),
  });

  const policy = createAdmissionPolicy({
    ...options,
    limits,
    clock,
    log,
    mayRead: (identity, channel) => mayRead(identity, channel),
    isStopping: () => stopping !== undefined,
  });
  const context: SessionContext = {
    mode,
    registry,
    delivery,
    publisher,
    methods: new Map(Object.entries(options.methods ?? {})),
    limits,
    limitsFor: options.limitsFor,
    clock,
    log,
    emit,
    async authenticate(token) {
      const answer = await policy.credentials.checkBearer(token);
      if (answer.kind === 'identity')
        return { kind: 'identity', identity: answer.identity, sid: answer.sid, jti: answer.jti };
      return { kind: 'refused', code: answer.code, reason: answer.reason, retry: answer.code === 4503 };
    },
  };
  const compresses = registry.definitions.some(({ isCompressed }) => isCompressed);
  const upgrade = createUpgrade({ policy, compresses, onEvent: emit, accept });

  function mayRead(identity: Identity, name: string): MayRead {
    const channel = registry.find(name);
    if (channel === undefined) return 'unknown';
    return isAllowed(identity, 'read', channel) ? 'allowed' : 'forbidden';
  }

  function accept({ ws, socket, admission, attempt, decision }: AcceptedSocket): void {
    const { identity, sid, jti, endpoint, params, channels, joins, warning } = admission;
    const transport = new WebSocketSessionSocket(ws, socket, clock, joins);
    const id = randomText(12);
    const session = new Session(context, transport, { id, attempt, identity, sid, jti }, ended);
    transport.listen(new SessionHandler(session));
    roster.add(session);
    emit({ type: 'admitted', attempt, session, decision, ...(warning === undefined ? {} : { warning }) });
    // Whoever was told may have ended it.
    if (session.end !== undefined) return;
    try {
      const exclusive = endpoint.exclusive?.(identity, params);
      if (exclusive !== undefined) roster.claim(session, exclusive);
      session.welcome(channels);
      const begun = options.onSession?.(session);
      if (begun instanceof Promise) begun.catch((error: unknown) => session.crash(error));
    } catch (error) {
      session.crash(error);
    }
  }

  function ended(session: Session, end: SessionEnd): void {
    roster.remove(session);
    policy.attempts.ended(session.attempt.attempt, end);
    const { attempt, since } = session;
    const durationMs = clock.now() - since;
    const user = session.identity.subject;
    log.info(
      { attempt: attempt.attempt, session: session.id, user, code: end.code, name: end.name, by: end.by, durationMs },
      endedLine(attempt, user, end),
    );
    emit({ type: 'ended', attempt, session, ...end, durationMs });
  }

  function emit(event: GatewayEvent): void {
    tally.count(event);
    callListener(log, 'onEvent', () => options.onEvent?.(event));
  }

  async function stop({ returnWindowMs = defaultReturnWindowMs }: { returnWindowMs?: number } = {}): Promise<void> {
    delivery.flushNow();
    await stopSessions(roster, clock, { returnWindowMs });
    upgrade.stop();
    roster.stop();
    delivery.stop();
    await broker.stop();
  }

  return {
    attach: (server) => upgrade.attach(server),
    publish: async (channel, data, { key, once, as } = {}) =>
      publisher.publish({ channel, items: [key === undefined ? { data } : { key, data }], as, once }),
    publishBatch: async (channel, items, { once, as } = {}) => publisher.publish({ channel, items, as, once }),
    async read(name, { before, limit = 100 } = {}) {
      const channel = registry.find(name);
      if (channel === undefined) return readPage(undefined, before, limit);
      const { store } = options;
      if (store !== undefined && channel.definition.isStored) return await readStoredPage(store, name, before, limit);
      const following = await broker.follow(name, channel.bounds, () => {});
      const page = readPage(following.log, before, limit);
      following.release();
      return page;
    },
    authenticate: (token, request): Promise<BearerAnswer> => policy.credentials.checkBearer(token, request),
    can(identity, action, name) {
      const channel = registry.find(name);
      return channel !== undefined && isAllowed(identity, action, channel);
    },
    issueTicket: (identity, origin, ids = {}) => policy.tickets.issue({ identity, ...ids }, origin),
    attemptOutcome: (id) => policy.attempts.outcome(id),
    sessions: () => roster,
    hasReaders: (channel) => delivery.hasReaders(channel),
    onInterest(listener) {
      interestListeners.add(listener);
      return () => interestListeners.delete(listener);
    },
    endSessions(which, name, reason) {
      const ending = [...roster].filter((session) => which(session));
      for (const session of ending) session.finish(name, reason);
      return ending.length;
    },
    rightsChanged(which) {
      publisher.rightsChanged(which);
      recheckRights(roster, which);
    },
    figures() {
      const { messages: messagesOut, ...delivered } = delivery.figures;
      let { bytesIn, bytesOut } = tally;
      let [sessionsBehind, behindSince, unansweredBytes] = [0, Infinity, 0];
      for (const session of roster) {
        bytesIn += session.receivedBytes;
        bytesOut += session.sentBytes;
        unansweredBytes += session.unansweredBytes;
        if (session.behind === 0) continue;
        sessionsBehind++;
        behindSince = Math.min(behindSince, session.behindSince ?? Infinity);
      }
      const { attempts, refusals, left, ends } = tally;
      const messagesIn = publisher.published;
      return {
        sessions: roster.size,
        attempts,
        refusals: { ...refusals },
        left,
        ends: { ...ends },
        bytesIn,
        bytesOut,
        messagesIn,
        messagesOut,
        ...delivered,
        sessionsBehind,
        behindMs: behindSince === Infinity ? 0 : Math.max(0, clock.now() - behindSince),
        unansweredBytes,
        ...broker.figures(),
      };
    },
    stop(stopOptions) {
      stopping ??= stop(stopOptions);
      return stopping;
    },
  };
}
