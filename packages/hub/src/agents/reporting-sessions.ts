// The session each agent reports on, `/ws/agents/<agent>/`: which is open, what it said last, and what its beginning and
// its end mean for the agent. Fed by the gateway's events; sessions of runs are not its business.

import type { GatewayEvent, SessionView } from '@telltale/gateway';
import { plainText } from '../plain-text.ts';
import type { AgentRegistry } from './agent-registry.ts';
import { type AgentStatus, withFiles } from './agent-status.ts';

/** What is known of an agent only while it reports. */
export interface Reporting {
  readonly session: SessionView;
  readonly clockOffsetMs: number | null;
  readonly behindMs: number;
  readonly spooledBytes: number;
  /** Bytes it had sent when it was looked at last, and when it was heard last. */
  readonly heardBytes: number;
  readonly heardAt: number;
}

export interface ReportingSessions {
  of(agent: string): Reporting | undefined;
  onEvent(event: GatewayEvent): void;
  /** Takes what an agent says of itself, on whichever of its sessions. */
  onStatus(status: AgentStatus, session: SessionView): void;
  /** Called every few seconds: who was heard since, and whose row is worth a new look. */
  look(): void;
}

export interface ReportingSessionsOptions {
  readonly registry: Pick<AgentRegistry, 'agent' | 'report'>;
  /** What is shown of an agent is other now. */
  readonly onChanged: (agent: string) => void;
  readonly now?: () => number;
}

/** How often the time an agent was heard is handed to the registry while it reports. */
const noteMs = 60_000;
/** A round trip that changed by less than this share and these milliseconds is the same to whoever looks. */
const roundTripShare = 0.2;
const roundTripMs = 2;

/** Whether this is the session its agent reports on. Only that agent is admitted there. */
export function isReporting({ identity, attempt }: SessionView): boolean {
  return identity.kind === 'agent' && attempt.path.replace(/\/$/, '').endsWith(`/agents/${identity.subject}`);
}

export function createReportingSessions(options: ReportingSessionsOptions): ReportingSessions {
  const { registry, onChanged, now = Date.now } = options;
  const reporting = new Map<string, Reporting>();
  const notedAt = new Map<string, number>();
  const shownRoundTrip = new Map<string, number>();

  const begin = (session: SessionView): void => {
    const time = now();
    const agent = session.identity.subject;
    const heard = { heardBytes: session.receivedBytes, heardAt: time };
    reporting.set(agent, { session, clockOffsetMs: null, behindMs: 0, spooledBytes: 0, ...heard });
    notedAt.set(agent, time);
    registry.report(agent, { state: 'live', since: time, reason: null, lastSeenAt: time }, 'soon');
  };

  const end = (event: Extract<GatewayEvent, { type: 'ended' }>): void => {
    const agent = event.session.identity.subject;
    const open = reporting.get(agent);
    // A newer session has its place already.
    if (open?.session.id !== event.session.id) return;
    for (const map of [reporting, notedAt, shownRoundTrip]) map.delete(agent);
    // Proxies close with 1000 too, but give no reason: only an agent says goodbye.
    const isGoodbye = event.by === 'client' && event.code === 1000 && event.reason !== '';
    const reason = isGoodbye ? plainText(event.reason, 123) : null;
    const lastSeenAt = event.wasClean && event.by === 'client' ? now() : heard(open).heardAt;
    registry.report(agent, { state: isGoodbye ? 'closed' : 'lost', since: now(), reason, lastSeenAt }, 'soon');
  };

  const heard = (open: Reporting): Reporting => {
    const { receivedBytes } = open.session;
    return receivedBytes === open.heardBytes ? open : { ...open, heardBytes: receivedBytes, heardAt: now() };
  };

  const hasNewRoundTrip = (agent: string, { session }: Reporting): boolean => {
    const found = session.roundTripMs;
    if (found === undefined) return false;
    const before = shownRoundTrip.get(agent);
    if (before !== undefined && Math.abs(found - before) < Math.max(roundTripMs, before * roundTripShare)) return false;
    shownRoundTrip.set(agent, found);
    return true;
  };

  return {
    of: (agent) => reporting.get(agent),
    onEvent(event) {
      if (event.type === 'admitted' && isReporting(event.session)) begin(event.session);
      if (event.type === 'ended' && event.session.identity.kind === 'agent') end(event);
    },
    onStatus(status, session) {
      const agent = session.identity.subject;
      const known = registry.agent(agent);
      if (known === undefined) return;
      const open = reporting.get(agent);
      if (open?.session.id === session.id) {
        const { clockOffsetMs, behindMs, spooledBytes } = status;
        reporting.set(agent, { ...open, clockOffsetMs, behindMs, spooledBytes });
      }
      const { title, platform, cores, version } = status;
      const facts = { title, platform, cores, version };
      const files = withFiles(known.files, status.files);
      const isSame = JSON.stringify([known.facts, known.files]) === JSON.stringify([facts, files]);
      if (isSame) onChanged(agent);
      else registry.report(agent, { facts, files }, 'soon');
    },
    look() {
      const time = now();
      for (const [agent, open] of reporting) {
        const seen = heard(open);
        if (seen !== open) reporting.set(agent, seen);
        if (
          Math.abs(time - (notedAt.get(agent) ?? 0)) >= noteMs &&
          seen.heardAt !== registry.agent(agent)?.lastSeenAt
        ) {
          notedAt.set(agent, time);
          registry.report(agent, { lastSeenAt: seen.heardAt }, 'lazily');
        } else if (hasNewRoundTrip(agent, seen)) {
          onChanged(agent);
        }
      }
    },
  };
}
