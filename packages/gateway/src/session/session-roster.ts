// All sessions of a gateway, and the one timer that looks after them: heartbeat, signs of life, expiry, stalls. No session
// has a timer of its own.

import type { Clock } from '../clock.ts';
import { jsonFrame } from '../log/websocket-frame.ts';
import type { GatewayLimits } from '../types.ts';
import type { Session } from './session.ts';

const tickMs = 1000;
/** A tick this late means the process stood still: answers may wait unread, so nobody is judged yet. */
const standstillMs = 3000;
const graceMs = 5000;
/** A subscription behind for less is not worth a word: a burst puts everybody behind for a moment. */
const behindMs = 1000;
/** A round-trip time is told once in so long, and sooner where it is quite another, though not all the time. */
const roundTrip = { everyMs: 60_000, restMs: 5_000, factor: 2, leastMs: 50 };

export interface RosterListeners {
  readonly onTick: () => void;
  readonly onRoundTrip: (session: Session, roundTripMs: number) => void;
  /** A subscription has been behind for a second. */
  readonly onBehind: (session: Session, channel: string) => void;
}

interface Watched {
  readonly session: Session;
  /** Which tick of the heartbeat is its own, so that not all are written to at once. */
  readonly phase: number;
  /** The place it holds alone, on an exclusive endpoint. */
  exclusive: string | undefined;
  heardBytes: number;
  heardAt: number;
  /** The ping that asks whether it lives; `deadline` once it has left the process. */
  asked: { deadline: number | undefined } | undefined;
  /** The round-trip time that was told last, and when; undefined: none was. */
  roundTripMs: number | undefined;
  roundTripAt: number | undefined;
}

export class SessionRoster {
  readonly #clock: Clock;
  readonly #limits: GatewayLimits;
  readonly #listeners: RosterListeners;
  readonly #watched = new Map<string, Watched>();
  readonly #exclusive = new Map<string, Session>();
  #cancel: (() => void) | undefined;
  #tick = 0;
  #tickAt: number;
  #graceUntil = -Infinity;

  constructor(clock: Clock, limits: GatewayLimits, listeners: RosterListeners) {
    this.#clock = clock;
    this.#limits = limits;
    this.#listeners = listeners;
    this.#tickAt = clock.monotonic();
    this.#schedule();
  }

  get size(): number {
    return this.#watched.size;
  }

  *[Symbol.iterator](): Generator<Session> {
    for (const { session } of this.#watched.values()) yield session;
  }

  add(session: Session): void {
    const heardAt = this.#now();
    const phase = this.#nextPhase();
    this.#watched.set(session.id, {
      session,
      phase,
      exclusive: undefined,
      heardBytes: 0,
      heardAt,
      asked: undefined,
      roundTripMs: undefined,
      roundTripAt: undefined,
    });
  }

  /** Gives a session an exclusive place; the one that held it is ended (SES14). */
  claim(session: Session, exclusive: string): void {
    const watched = this.#watched.get(session.id);
    if (watched === undefined) return;
    watched.exclusive = exclusive;
    this.#exclusive.get(exclusive)?.finish('replaced', 'a newer session took its place');
    this.#exclusive.set(exclusive, session);
  }

  remove(session: Session): void {
    const exclusive = this.#watched.get(session.id)?.exclusive;
    this.#watched.delete(session.id);
    if (exclusive !== undefined && this.#exclusive.get(exclusive) === session) this.#exclusive.delete(exclusive);
  }

  count(isCounted: (session: Session) => boolean): number {
    let count = 0;
    for (const session of this) if (isCounted(session)) count++;
    return count;
  }

  stop(): void {
    this.#cancel?.();
  }

  /** In whole milliseconds: V8 keeps whole numbers in the object they belong to, and any other in one of its own. */
  #now(): number {
    return Math.round(this.#clock.monotonic());
  }

  #nextPhase(): number {
    return this.#watched.size % Math.max(1, Math.round(this.#limits.heartbeatMs / tickMs));
  }

  #schedule(): void {
    this.#cancel = this.#clock.after(tickMs, () => {
      this.#schedule();
      this.#look();
    });
  }

  #look(): void {
    const now = this.#now();
    if (now - this.#tickAt > tickMs + standstillMs) this.#graceUntil = now + graceMs;
    this.#tickAt = now;
    this.#tick++;
    const phases = Math.max(1, Math.round(this.#limits.heartbeatMs / tickMs));
    const ping = [jsonFrame({ type: 'ping', at: this.#clock.now() })];
    const isJudging = now >= this.#graceUntil;
    for (const watched of this.#watched.values()) {
      this.#lookAfter(watched, now, isJudging);
      const { session, phase } = watched;
      if (session.end === undefined) this.#notice(watched, now);
      if (phase === this.#tick % phases && session.end === undefined && !session.transport.isCongested) {
        session.transport.send(ping);
      }
    }
    this.#listeners.onTick();
  }

  /** Tells what has changed of a line since it was told last. */
  #notice(watched: Watched, now: number): void {
    const { session } = watched;
    for (const subscription of session.catchingUp) {
      const { place } = subscription;
      if (subscription.isToldBehind || place.kind !== 'behind' || now - place.since < behindMs) continue;
      subscription.isToldBehind = true;
      this.#listeners.onBehind(session, subscription.channel);
    }
    const { roundTripMs } = session;
    if (roundTripMs === undefined) return;
    const age = now - (watched.roundTripAt ?? -Infinity);
    if (age < roundTrip.everyMs && (age < roundTrip.restMs || !isOther(watched.roundTripMs, roundTripMs))) return;
    watched.roundTripMs = roundTripMs;
    watched.roundTripAt = now;
    this.#listeners.onRoundTrip(session, roundTripMs);
  }

  #lookAfter(watched: Watched, now: number, isJudging: boolean): void {
    const { session } = watched;
    const { transport, identity } = session;
    const { pingMs, pongMs, stalledMs } = this.#limits;
    if (identity.expiresAt !== undefined && identity.expiresAt <= this.#clock.now()) {
      return session.finish('token-expired', 'the token expired and was not renewed');
    }
    const { receivedBytes, stalledSince } = transport;
    if (receivedBytes !== watched.heardBytes) {
      watched.heardBytes = receivedBytes;
      watched.heardAt = now;
      watched.asked = undefined;
    }
    if (!isJudging) {
      watched.heardAt = Math.max(watched.heardAt, now - pingMs);
      watched.asked = undefined;
    } else if (stalledSince !== undefined && now - stalledSince >= stalledMs) {
      return session.abandon('stalled', `read nothing for ${Math.round((now - stalledSince) / 1000)} s`);
    }
    if (now - watched.heardAt < pingMs) return;
    if (watched.asked === undefined) {
      const asked: NonNullable<Watched['asked']> = { deadline: undefined };
      watched.asked = asked;
      transport.ping(() => {
        asked.deadline = this.#clock.monotonic() + pongMs;
      });
    } else if (isJudging && watched.asked.deadline !== undefined && now >= watched.asked.deadline) {
      session.abandon('no-answer', `answered no ping for ${Math.round((now - watched.heardAt) / 1000)} s`);
    }
  }
}

function isOther(before: number | undefined, roundTripMs: number): boolean {
  if (before === undefined) return true;
  const [less, more] = before < roundTripMs ? [before, roundTripMs] : [roundTripMs, before];
  return more - less >= roundTrip.leastMs && more >= less * roundTrip.factor;
}
