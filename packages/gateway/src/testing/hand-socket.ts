// A session on a socket that is held by hand: what it received, whether it answers, and that it was closed are said by
// the test. For what a session does over long times, with a clock that is moved.

import type { Identity } from '@telltale/protocol';
import { MemoryBroker } from '../broker/memory-broker.ts';
import { ChannelRegistry } from '../channels/definition.ts';
import { Delivery } from '../delivery/delivery.ts';
import { gatewayLimits } from '../gateway-limits.ts';
import { Publisher } from '../session/publisher.ts';
import type { SessionContext } from '../session/session-context.ts';
import type { SessionSocket } from '../session/session-socket.ts';
import { Session, type SessionEnd } from '../session/session.ts';
import type { GatewayLimits } from '../types.ts';
import { HandTransport } from './hand-reader.ts';
import type { ManualClock } from './manual-clock.ts';

export class HandSocket extends HandTransport implements SessionSocket {
  receivedBytes = 0;
  sentBytes = 0;
  roundTripMs: number | undefined;
  stalledSince: number | undefined;
  isGone = false;
  /** Pings that have not been let out of the process. */
  readonly pings: (() => void)[] = [];
  closedWith: { code: number; text: string } | undefined;

  listen(): void {}

  ping(onLeft: () => void): void {
    this.pings.push(onLeft);
  }

  close(code: number, text: string): void {
    this.closedWith = { code, text };
    this.isGone = true;
  }

  destroy(): void {
    this.isGone = true;
  }
}

/** What sessions of a gateway without channels share. */
export function handContext(clock: ManualClock, limits: Partial<GatewayLimits> = {}): SessionContext {
  const broker = new MemoryBroker({ clock, logBytes: 1e9 });
  const registry = new ChannelRegistry({});
  const all = gatewayLimits(limits);
  const fail = (_: unknown, error: unknown): never => {
    throw error;
  };
  const log = { debug() {}, info() {}, warn() {}, error: fail };
  return {
    mode: 'development',
    registry,
    delivery: new Delivery({ broker, clock, flushMs: 20, onInterest() {}, onLost: fail }),
    publisher: new Publisher({ registry, broker, log, maxMessageBytes: all.maxMessageBytes }),
    methods: new Map(),
    limits: all,
    limitsFor: undefined,
    clock,
    log,
    authenticate: async () => ({ kind: 'refused', code: 4401, reason: 'nobody', retry: false }),
    emit() {},
  };
}

export function handSession(
  context: SessionContext,
  socket: HandSocket,
  onEnd: (session: Session, end: SessionEnd) => void,
  identity: Partial<Identity> = {},
): Session {
  const attempt = {
    attempt: 'a',
    time: 0,
    address: '',
    origin: undefined,
    userAgent: undefined,
    path: '',
    title: '',
    proxies: [],
    untrustedProxy: undefined,
  };
  const who: Identity = { id: 'i', issuer: 'test', subject: 'ada', kind: 'user', scope: 'viewer', ...identity };
  const id = String(Math.random());
  return new Session(context, socket, { id, attempt, identity: who, sid: undefined, jti: undefined }, onEnd);
}
