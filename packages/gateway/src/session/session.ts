// One admitted socket: who it is, what it reads, what it may still send, and how it ends. Frames go through `receive`;
// what each kind of request does is in `requests.ts`. Knows neither HTTP nor the WebSocket library.

import {
  closeText,
  codeRule,
  decodeClientFrame,
  type EndName,
  ends,
  type ErrorFrame,
  type GoodbyeFrame,
  type Identity,
  type Limits,
  protocolVersion,
  type ServerFrame,
} from '@telltale/protocol';
import { isAllowed } from '../channels/definition.ts';
import type { Outgoing } from '../delivery/outgoing.ts';
import { noSubscriptions, type Reader, type Subscription } from '../delivery/subscription.ts';
import { jsonFrame } from '../log/websocket-frame.ts';
import type { Attempt, SessionView } from '../types.ts';
import { FrameRates, mostOverruns, overrunWindowMs } from './frame-rates.ts';
import { PublishQueue } from './publish-queue.ts';
import { handleRequest } from './requests.ts';
import type { SessionContext } from './session-context.ts';
import { sessionLimits } from './session-limits.ts';
import type { SessionSocket } from './session-socket.ts';
import { Subscriptions } from './subscriptions.ts';

/** What admission knows of a session that begins. */
export interface SessionStart {
  readonly id: string;
  readonly attempt: Attempt;
  readonly identity: Identity;
  readonly sid: string | undefined;
  readonly jti: string | undefined;
}

/** How a session ended. */
export interface SessionEnd {
  readonly code: number;
  readonly name: EndName;
  readonly reason: string;
  readonly by: 'client' | 'gateway' | 'network';
  readonly wasClean: boolean;
}

/** Answers a peer may leave unread; messages have their window, but answers are not held back. */
const mostUnansweredBytes = 8 * 1024 * 1024;

export class Session implements Reader, SessionView {
  readonly id: string;
  readonly attempt: Attempt;
  readonly since: number;
  identity: Identity;
  /** How often its identity was changed by the application. */
  rightsChanges = 0;
  sid: string | undefined;
  jti: string | undefined;
  readonly transport: SessionSocket;
  readonly subscriptions: Subscriptions = new Subscriptions();
  catchingUp: readonly Subscription[] = noSubscriptions;
  wasServedStream: boolean = false;
  isQueued = false;
  outgoing: Outgoing | undefined = undefined;
  sentMessages = 0;
  receivedFrames = 0;
  callsUnderWay = 0;
  /** How it ended; undefined while it lives. */
  end: SessionEnd | undefined;
  readonly context: SessionContext;
  readonly #onEnd: (session: Session, end: SessionEnd) => void;
  #limits: Limits;
  #rates: FrameRates | undefined;
  #publishes: PublishQueue | undefined;

  constructor(
    context: SessionContext,
    socket: SessionSocket,
    start: SessionStart,
    onEnd: (session: Session, end: SessionEnd) => void,
  ) {
    const { clock } = context;
    this.context = context;
    this.transport = socket;
    this.#onEnd = onEnd;
    this.id = start.id;
    this.attempt = start.attempt;
    this.identity = start.identity;
    this.sid = start.sid;
    this.jti = start.jti;
    this.since = clock.now();
    this.#limits = sessionLimits(context.limits);
  }

  /** Made when it first publishes, which viewers never do. */
  get publishes(): PublishQueue {
    return (this.#publishes ??= new PublishQueue(this));
  }

  /** What it may send and hold. */
  get limits(): Limits {
    return this.#limits;
  }

  get channels(): readonly string[] {
    return this.subscriptions.all().map(({ channel }) => channel);
  }

  get roundTripMs(): number | undefined {
    return this.transport.roundTripMs;
  }

  get sentBytes(): number {
    return this.transport.sentBytes;
  }

  get receivedBytes(): number {
    return this.transport.receivedBytes;
  }

  get unansweredBytes(): number {
    return this.transport.unansweredBytes;
  }

  get behind(): number {
    return this.catchingUp.length;
  }

  get behindSince(): number | undefined {
    let since = Infinity;
    for (const { place } of this.catchingUp) if (place.kind === 'behind' && place.since < since) since = place.since;
    const { clock } = this.context;
    return since === Infinity ? undefined : Math.round(clock.now() - (clock.monotonic() - since));
  }

  /** Says welcome and subscribes to what the endpoint gives. Channels it may not read are left out (END3). Who hears of it may end it. */
  welcome(endpointChannels: readonly string[]): void {
    const { mode, clock, limits, limitsFor, registry, delivery } = this.context;
    if (limitsFor !== undefined) this.#limits = sessionLimits(limits, limitsFor(this.identity));
    // An application may name a channel twice; a session reads it once.
    const readable = [...new Set(endpointChannels)].flatMap((name) => {
      const channel = registry.find(name);
      return channel !== undefined && isAllowed(this.identity, 'read', channel) ? [channel] : [];
    });
    const { expiresAt } = this.identity;
    this.send({
      type: 'welcome',
      protocol: protocolVersion,
      mode,
      session: this.id,
      attempt: this.attempt.attempt,
      identity: this.identity,
      time: clock.now(),
      ...(expiresAt === undefined ? {} : { expiresAt }),
      heartbeatMs: limits.heartbeatMs,
      limits: this.#limits,
      channels: readable.map(({ name }) => name),
    });
    for (const channel of readable) {
      if (this.end !== undefined) return;
      this.subscriptions.set(delivery.subscribe(this, channel, undefined, undefined));
      this.context.emit({ type: 'subscribed', session: this, channel: channel.name });
    }
  }

  /** Reads one text message of the peer. Never throws, whatever arrives (SES4). */
  receive(text: string): void {
    if (this.end !== undefined) return;
    this.receivedFrames++;
    if (this.transport.unansweredBytes > mostUnansweredBytes) {
      return this.abandon('stalled', `asked for more while ${mostUnansweredBytes} bytes were unread`);
    }
    try {
      const waitMs = this.#overrun(text);
      const { maxDepth, framesPerSecond } = this.#limits;
      const decoded = decodeClientFrame(text, maxDepth);
      if (decoded.kind === 'unparsable') return this.finish('frame-malformed', decoded.reason);
      if (decoded.kind === 'invalid') return this.fail({ id: decoded.id, code: 4400, message: decoded.reason });
      const { frame } = decoded;
      if (waitMs > 0) {
        const message = `found more frames or bytes than the session's rate, expected at most ${framesPerSecond} frames a second`;
        return this.fail({ id: 'id' in frame ? frame.id : undefined, code: 4429, message, retryAfterMs: waitMs });
      }
      if (frame.type === 'ping') return this.send({ type: 'pong', at: frame.at, time: this.context.clock.now() });
      if (frame.type === 'pong') return;
      handleRequest(this, frame);
    } catch (error) {
      this.crash(error);
    }
  }

  send(frame: ServerFrame): void {
    if (this.end === undefined) this.transport.send([jsonFrame(frame)]);
  }

  /** Answers a request that failed; the session goes on. 4429 and 4503 may be tried again unless said otherwise. */
  fail(error: Omit<ErrorFrame, 'type' | 'id' | 'retryable'> & { id: number | undefined; retryable?: boolean }): void {
    const { id, code, message, retryable = code === 4429 || code === 4503, ...rest } = error;
    this.send({ type: 'error', ...(id === undefined ? {} : { id }), code, message, retryable, ...rest });
  }

  /** An exception in the application's hooks or in ours: logged once with its trace, the session ends 4000 (SES6). */
  crash(error: unknown): void {
    if (this.end !== undefined) return;
    this.context.log.error({ err: error, session: this.id, attempt: this.attempt.attempt }, 'A session failed');
    this.finish('server-error', 'the server failed while it handled this session');
  }

  /** Ends the session by a decision of the gateway: tells the peer, then closes. */
  finish(name: EndName, reason: string, options: { retryAfterMs?: number } = {}): void {
    if (this.end !== undefined) return;
    const { code } = ends[name];
    const goodbye: GoodbyeFrame = {
      type: 'goodbye',
      code,
      reason,
      retry: codeRule(code).retry !== 'stop',
      ...options,
    };
    this.transport.send([jsonFrame(goodbye)]);
    this.transport.close(code, closeText(name, reason));
    this.#over({ code, name, reason, by: 'gateway', wasClean: true });
  }

  /** Ends the session of a peer that would not read a goodbye. */
  abandon(name: 'stalled' | 'no-answer', reason: string): void {
    if (this.end !== undefined) return;
    this.transport.destroy();
    this.#over({ code: ends[name].code, name, reason, by: 'gateway', wasClean: false });
  }

  /** The peer closed, or the line broke. */
  closed({ code, reason, wasClean }: { code: number; reason: string; wasClean: boolean }): void {
    this.#over({ code, name: 'closed', reason, by: wasClean ? 'client' : 'network', wasClean });
  }

  unsubscribe(channel: string): void {
    const subscription = this.subscriptions.get(channel);
    if (subscription === undefined) return;
    this.subscriptions.delete(channel);
    this.context.delivery.unsubscribe(subscription);
  }

  /** Runs the rules again; what may no longer be read ends with `unsubscribed` (SUB8). */
  recheck(isConcerned: (channel: string) => boolean = () => true): void {
    const { registry } = this.context;
    for (const { channel: name } of this.subscriptions.all()) {
      // Who was told of one may have ended the session, or another.
      if (!this.subscriptions.has(name) || !isConcerned(name)) continue;
      const channel = registry.find(name);
      if (channel !== undefined && isAllowed(this.identity, 'read', channel)) continue;
      this.unsubscribe(name);
      const code = channel === undefined ? 4404 : 4403;
      const reason = channel === undefined ? 'the channel is gone' : 'the right to read it was withdrawn';
      this.send({ type: 'unsubscribed', channel: name, code, reason, retry: false });
      this.context.emit({ type: 'unsubscribed', session: this, channel: name, reason });
    }
  }

  /** Milliseconds a frame came too early, by rate and bytes; 0 if it is in time. */
  #overrun(text: string): number {
    const monotonic = this.context.clock.monotonic();
    this.#rates ??= new FrameRates(this.#limits, monotonic);
    const { waitMs, isOver } = this.#rates.take(Buffer.byteLength(text), monotonic);
    if (isOver) {
      this.finish('too-many-frames', `found ${mostOverruns} frames over the session's rate, expected a pause`, {
        retryAfterMs: overrunWindowMs,
      });
    }
    return waitMs;
  }

  #over(end: SessionEnd): void {
    if (this.end !== undefined) return;
    this.end = end;
    for (const subscription of this.subscriptions.all()) this.context.delivery.unsubscribe(subscription);
    this.subscriptions.clear();
    this.#onEnd(this, end);
  }
}
