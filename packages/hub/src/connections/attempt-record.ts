// One attempt as the flight recorder keeps it: from where, how it was decided, what its session met, how it ended. Bounded:
// of a session's events the oldest go, and how many went is told. Written by recorder.ts; knows neither clock nor disk.

import type { Attempt, Decision, SessionView } from '@telltale/gateway';
import { plainText } from '../plain-text.ts';
import type { AttemptEvent, AttemptFacts, AttemptRecord, EndingRow, RefusalRow, SessionRow } from '../api.ts';

/** What one attempt may hold. */
export const recordBounds: { readonly events: number; readonly lines: number; readonly lineCharacters: number } = {
  events: 200,
  lines: 20,
  lineCharacters: 400,
};

/** Bytes a record takes beside its texts, roughly; and one event beside its channel. */
const base = { record: 900, event: 100, step: 60 };

const mostProgramCharacters = 200;

export type SessionFigures = Omit<SessionRow, keyof AttemptFacts>;

export class RecordedAttempt {
  readonly facts: AttemptFacts;
  readonly #fixed: Pick<AttemptRecord, 'at' | 'proxies' | 'title'>;
  /** Its refusal as it was told; how often the like of it came is in the row. */
  refusal: RefusalRow | undefined;
  told: 'frame' | 'http' | undefined;
  /** When its page asked last what had become of it. */
  askedAt: number = -Infinity;
  /** The session while it lives. */
  view: SessionView | undefined;
  session: SessionFigures | undefined;
  ending: Omit<EndingRow, keyof AttemptFacts> | undefined;
  /** Roughly, in memory and on the disk. */
  bytes: number;
  #decision: { readonly steps: AttemptRecord['steps']; readonly decidedMs: number | null };
  #events: AttemptEvent[];
  #dropped: { at: number; count: number };
  #lines: string[];

  constructor(record: AttemptRecord) {
    const { at, proxies, title, steps, decidedMs, refusal, told, session, ending, events, log, ...facts } = record;
    this.facts = facts;
    this.#fixed = { at, proxies, title };
    this.#decision = { steps, decidedMs };
    this.refusal = refusal === null ? undefined : { ...facts, ...refusal };
    this.told = told ?? undefined;
    this.session = session ?? undefined;
    this.ending = ending ?? undefined;
    const [first, ...others] = events;
    const isDropped = first?.type === 'dropped';
    this.#dropped = isDropped ? { at: first.at, count: first.count } : { at: at, count: 0 };
    this.#events = isDropped ? others : [...events];
    this.#lines = [...log];
    this.bytes = base.record + textBytes(record);
  }

  get id(): string {
    return this.facts.attempt;
  }

  get at(): number {
    return this.#fixed.at;
  }

  get isLive(): boolean {
    return this.session !== undefined && this.ending === undefined;
  }

  decided({ steps, decidedMs }: Decision): void {
    this.#decision = { steps: steps.map(({ found, ...step }) => ({ ...step, found: found ?? null })), decidedMs };
    this.bytes += steps.reduce((sum, { found = '' }) => sum + base.step + found.length, 0);
  }

  /** Notes an event; one that only says the last one anew takes its place. */
  note(event: AttemptEvent): void {
    const last = this.#events.at(-1);
    if (last !== undefined && saysTheSame(last, event)) {
      this.#events[this.#events.length - 1] = event;
      return;
    }
    this.#events.push(event);
    this.bytes += eventBytes(event);
    if (this.#events.length > recordBounds.events) this.drop(1);
  }

  /** Lets go of the oldest events. Answers how many bytes that freed. */
  drop(count: number): number {
    const before = this.bytes;
    for (const event of this.#events.splice(0, count)) {
      this.#dropped = { at: event.at, count: this.#dropped.count + 1 };
      this.bytes -= eventBytes(event);
    }
    return before - this.bytes;
  }

  get events(): number {
    return this.#events.length;
  }

  addLine(line: string): void {
    if (this.#lines.length >= recordBounds.lines) return;
    const short = line.slice(0, recordBounds.lineCharacters);
    this.#lines.push(short);
    this.bytes += short.length;
  }

  /** As `GET /api/attempts/<id>` answers. How often the like of its refusal came is in `row`; the words are its own. */
  toJson(row: RefusalRow | undefined = this.refusal): AttemptRecord {
    const { at, count } = this.#dropped;
    const { refusal } = this;
    return {
      ...this.facts,
      ...this.#fixed,
      ...this.#decision,
      refusal: refusal === undefined ? null : { ...withoutFacts(refusal), ...timesOf(row ?? refusal) },
      told: this.told ?? null,
      session: this.session ?? null,
      ending: this.ending ?? null,
      events: count === 0 ? [...this.#events] : [{ at, type: 'dropped', count }, ...this.#events],
      log: [...this.#lines],
    };
  }
}

/** An attempt as it begins. */
export function recordOf(attempt: Attempt): RecordedAttempt {
  const { time: at, title = null, proxies } = attempt;
  return new RecordedAttempt({
    ...factsOf(attempt),
    at,
    title,
    proxies,
    steps: [],
    decidedMs: null,
    refusal: null,
    told: null,
    session: null,
    ending: null,
    events: [],
    log: [],
  });
}

/** Texts of a stranger's choice, as data of one line. */
export function factsOf({ attempt, address, origin, path, userAgent }: Attempt): AttemptFacts {
  return {
    attempt,
    address,
    origin: origin ?? null,
    path,
    program: userAgent === undefined ? null : plainText(userAgent, mostProgramCharacters),
  };
}

const timesOf = ({ first, last, count }: RefusalRow): Pick<RefusalRow, 'first' | 'last' | 'count'> => ({
  first,
  last,
  count,
});

export function withoutFacts<Row extends AttemptFacts>(row: Row): Omit<Row, keyof AttemptFacts> {
  const { attempt: _, address: _address, origin: _origin, path: _path, program: _program, ...rest } = row;
  return rest;
}

/** The figures of a live session, as they are now. */
export function figuresOf(session: SessionView): SessionFigures {
  const { id, identity, since, channels, roundTripMs, behind, behindSince } = session;
  return {
    session: id,
    user: identity.name ?? identity.subject,
    kind: identity.kind,
    scope: identity.scope,
    since,
    roundTripMs: roundTripMs === undefined ? null : roundedMs(roundTripMs),
    subscriptions: channels.length,
    behind,
    behindSince: behindSince ?? null,
    sentBytes: session.sentBytes,
    sentMessages: session.sentMessages,
    receivedBytes: session.receivedBytes,
  };
}

export function roundedMs(ms: number): number {
  return Math.round(ms * 10) / 10;
}

/** Whether an event says nothing new after another. */
function saysTheSame(last: AttemptEvent, event: AttemptEvent): boolean {
  if (last.type === 'round-trip' && event.type === 'round-trip') return isAlike(last.roundTripMs, event.roundTripMs);
  if (last.type !== 'renewal-refused' || event.type !== 'renewal-refused') return false;
  return last.code === event.code && last.reason === event.reason;
}

/** Whether a round-trip time says nothing new after another. */
function isAlike(before: number, after: number): boolean {
  const more = Math.max(before, after);
  return more - Math.min(before, after) < 50 || more < 2 * Math.min(before, after);
}

function eventBytes(event: AttemptEvent): number {
  const channel = 'channel' in event ? event.channel.length : 0;
  return base.event + channel + ('reason' in event ? (event.reason?.length ?? 0) : 0);
}

function textBytes({ path, origin, program, steps, events, log }: AttemptRecord): number {
  return (
    path.length +
    (origin?.length ?? 0) +
    (program?.length ?? 0) +
    steps.reduce((sum, { found }) => sum + base.step + (found?.length ?? 0), 0) +
    events.reduce((sum, event) => sum + eventBytes(event), 0) +
    log.reduce((sum, line) => sum + line.length, 0)
  );
}

/** A record as it is on the disk; one whose session was open when its hub ended is over by `now`. */
export function endedByRestart(json: AttemptRecord, now: number): AttemptRecord {
  const { session } = json;
  if (session === null || json.ending !== null) return json;
  const { user, kind, since } = session;
  const ending = {
    session: session.session,
    code: 1006,
    name: 'closed',
    reason: 'the hub was gone without a goodbye: a crash, a kill or a power cut',
    by: 'gateway',
    wasClean: false,
    user,
    kind,
    since,
    endedAt: now,
  } as const;
  return { ...json, ending };
}
