// The session each agent reports on, `/ws/agents/<agent>/`: which is open, what it said last, and what its beginning and
// its end mean for the agent. Those beside it, as runs have, say that the machine was there and no more. Fed by the
// gateway's events.

import type { GatewayEvent, SessionView } from '@telltale/gateway';
import { plainText } from '../plain-text.ts';
import type { AgentRegistry } from './agent-registry.ts';
import { type AgentStatus, withFiles } from './agent-status.ts';

/** A session, the bytes it had sent when it was looked at last, and when it was heard last. */
interface Heard {
  readonly session: SessionView;
  readonly heardBytes: number;
  readonly heardAt: number;
}

/** What is known of an agent only while it reports. */
export interface Reporting extends Heard {
  readonly clockOffsetMs: number | null;
  readonly behindMs: number;
  readonly spooledBytes: number;
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
  /** Other sessions of agents, by their own ids. */
  const beside = new Map<string, Heard>();
  const notedAt = new Map<string, number>();
  const shownRoundTrip = new Map<string, number>();

  const begin = (session: SessionView): void => {
    const time = now();
    const agent = session.identity.subject;
    const begun = { session, heardBytes: session.receivedBytes, heardAt: time };
    notedAt.set(agent, time);
    if (isReporting(session)) {
      reporting.set(agent, { ...begun, clockOffsetMs: null, behindMs: 0, spooledBytes: 0 });
      registry.report(agent, { state: 'live', since: time, reason: null, lastSeenAt: time }, 'soon');
      return;
    }
    beside.set(session.id, begun);
    if (registry.agent(agent)?.state !== 'never-seen') registry.report(agent, { lastSeenAt: time }, 'lazily');
    else registry.report(agent, { state: 'runs-only', since: time, lastSeenAt: time }, 'soon');
  };

  const end = (event: Extract<GatewayEvent, { type: 'ended' }>): void => {
    const { session } = event;
    const agent = session.identity.subject;
    const aside = beside.get(session.id);
    if (aside !== undefined) {
      beside.delete(session.id);
      noteBeside(session, seenAtEnd(aside, event));
      if (!reporting.has(agent)) notedAt.delete(agent);
      return;
    }
    const open = reporting.get(agent);
    // A newer session has its place already.
    if (open?.session.id !== session.id) return;
    for (const map of [reporting, notedAt, shownRoundTrip]) map.delete(agent);
    // Proxies close with 1000 too, but give no reason: only an agent says goodbye.
    const isGoodbye = event.by === 'client' && event.code === 1000 && event.reason !== '';
    const reason = isGoodbye ? plainText(event.reason, 123) : null;
    const state = isGoodbye ? 'closed' : 'lost';
    // What was heard under a credential that was replaced does not count for the machine that has the new one.
    const seen = isOfNow(session) ? { lastSeenAt: seenAtEnd(open, event) } : {};
    registry.report(agent, { state, since: now(), reason, ...seen }, 'soon');
  };

  const isOfNow = ({ sid, identity }: SessionView): boolean => sid === registry.agent(identity.subject)?.credentialId;

  const seenAtEnd = (open: Heard, { wasClean, by }: Extract<GatewayEvent, { type: 'ended' }>): number =>
    wasClean && by === 'client' ? now() : heard(open).heardAt;

  const noteBeside = (session: SessionView, heardAt: number): void => {
    const agent = session.identity.subject;
    if (!isOfNow(session) || heardAt <= (registry.agent(agent)?.lastSeenAt ?? 0)) return;
    notedAt.set(agent, now());
    registry.report(agent, { lastSeenAt: heardAt }, 'lazily');
  };

  /** Whether it is time to note when an agent was heard. */
  const isDue = (agent: string): boolean => Math.abs(now() - (notedAt.get(agent) ?? 0)) >= noteMs;

  const heard = <Open extends Heard>(open: Open): Open => {
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
      if ((event.type !== 'admitted' && event.type !== 'ended') || event.session.identity.kind !== 'agent') return;
      if (event.type === 'admitted') begin(event.session);
      else end(event);
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
      for (const [agent, open] of reporting) {
        const seen = heard(open);
        if (seen !== open) reporting.set(agent, seen);
        if (isDue(agent) && seen.heardAt !== registry.agent(agent)?.lastSeenAt) {
          notedAt.set(agent, now());
          registry.report(agent, { lastSeenAt: seen.heardAt }, 'lazily');
        } else if (hasNewRoundTrip(agent, seen)) {
          onChanged(agent);
        }
      }
      for (const [id, open] of beside) {
        const seen = heard(open);
        if (seen !== open) beside.set(id, seen);
        if (isDue(seen.session.identity.subject)) noteBeside(seen.session, seen.heardAt);
      }
    },
  };
}
