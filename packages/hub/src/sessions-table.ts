// Keeps the table `sessions` in step with the gateway: a row when a session begins, fresh figures every few seconds
// while somebody looks, and its removal when it ends. Fed by the gateway's events.

import type { Gateway, GatewayEvent, SessionView } from '@telltale/gateway';
import type { SessionRow } from './api.ts';
import type { HubChannels } from './channels.ts';

const refreshMs = 3000;

export interface SessionsTable {
  onEvent(event: GatewayEvent): void;
  stop(): void;
}

function rowOf(session: SessionView): SessionRow {
  const { id, identity, attempt, since, channels, roundTripMs, behind, sentBytes, sentMessages, receivedBytes } =
    session;
  return {
    session: id,
    attempt: attempt.attempt,
    address: attempt.address,
    origin: attempt.origin ?? null,
    path: attempt.path,
    program: attempt.userAgent?.slice(0, 200) ?? null,
    user: identity.name ?? identity.subject,
    kind: identity.kind,
    scope: identity.scope,
    since,
    roundTripMs: roundTripMs === undefined ? null : Math.round(roundTripMs * 10) / 10,
    subscriptions: channels.length,
    behind,
    behindSince: null,
    sentBytes,
    sentMessages,
    receivedBytes,
  };
}

export function createSessionsTable(gateway: () => Gateway<HubChannels>): SessionsTable {
  const put = (session: SessionView, row: SessionRow | null): void => {
    void gateway().publish('sessions', row, { key: session.id });
  };
  const timer = setInterval(() => {
    if (!gateway().hasReaders('sessions')) return;
    for (const session of gateway().sessions()) put(session, rowOf(session));
  }, refreshMs);
  timer.unref();
  return {
    onEvent(event) {
      if (event.type === 'admitted' || event.type === 'renewed') put(event.session, rowOf(event.session));
      if (event.type === 'ended') put(event.session, null);
    },
    stop: () => clearInterval(timer),
  };
}
