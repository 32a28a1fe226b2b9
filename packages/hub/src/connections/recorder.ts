// The flight recorder: what became of every attempt to connect, and what its session met. Fed by the gateway's events and
// by the lines of its log; bounded in count and bytes, the oldest that is over goes first. Says what changed; who publishes
// and who stores that is decided in connections.ts.

import type { AttemptOutcome, GatewayEvent, SessionView } from '@telltale/gateway';
import type { AttemptEvent, AttemptRecord, EndingRow } from '../api.ts';
import { plainText } from '../plain-text.ts';
import { outcomeOf } from './attempt-outcome.ts';
import { endedByRestart, factsOf, figuresOf, RecordedAttempt, recordOf, roundedMs } from './attempt-record.ts';
import { AttemptRateCounter } from './attempt-rates.ts';
import { RefusalRows } from './refusal-rows.ts';

export interface RecorderBounds {
  readonly records: number;
  readonly bytes: number;
}

/** Of the bound of records this share is always there for those that are over, however many sessions live. */
const leastShareOver = 0.1;

export const defaultRecorderBounds: RecorderBounds = { records: 5_000, bytes: 32 * 1024 * 1024 };

/** Attempts that are being decided; admission decides within five seconds. */
const mostUndecided = 10_000;
const mostUserCharacters = 256;
const mostReasonCharacters = 400;
/** That a page asks again and again is one thing to know. */
const askedMs = 10_000;

export interface RecorderListeners {
  /** A session has ended, or whoever made an attempt had left before it was admitted; its record is whole. */
  readonly onEnded: (ending: EndingRow) => void;
  /** A record has something unsaved: soon where its loss would mislead, lazily where it would not. */
  readonly onChanged: (id: string, saved: 'soon' | 'lazily') => void;
  /** A record goes from memory for want of room; it may hold something unsaved. */
  readonly onEvicted: (id: string, record: () => AttemptRecord) => void;
  /** What is kept no longer. */
  readonly onForgotten: (gone: { readonly attempts: readonly string[]; readonly refusals: readonly string[] }) => void;
}

export class Recorder {
  readonly rows: RefusalRows = new RefusalRows();
  readonly rates: AttemptRateCounter = new AttemptRateCounter();
  readonly #listeners: RecorderListeners;
  readonly #bounds: RecorderBounds;
  readonly #now: () => number;
  /** An attempt is in exactly one of these. */
  readonly #undecided = new Map<string, RecordedAttempt>();
  readonly #live = new Map<string, RecordedAttempt>();
  readonly #over = new Map<string, RecordedAttempt>();
  #bytes = 0;

  constructor(
    listeners: RecorderListeners,
    bounds: RecorderBounds = defaultRecorderBounds,
    now: () => number = Date.now,
  ) {
    this.#listeners = listeners;
    this.#bounds = bounds;
    this.#now = now;
  }

  get size(): { readonly records: number; readonly bytes: number } {
    return { records: this.#live.size + this.#over.size, bytes: this.#bytes };
  }

  /** A record as it is now. */
  record(id: string): AttemptRecord | undefined {
    const found = this.#find(id);
    return found && this.#jsonOf(found);
  }

  /** What the page that made an attempt may be told of it; undefined: nothing is known. */
  outcome(id: string): AttemptOutcome | undefined {
    const record = this.#live.get(id) ?? this.#over.get(id);
    return record && outcomeOf(record);
  }

  /** Takes a record back that was stored. One whose session was open then is over now. */
  restore(json: AttemptRecord, now: number): EndingRow | undefined {
    const record = new RecordedAttempt(endedByRestart(json, now));
    if (json.session !== null && json.ending === null) this.#listeners.onChanged(record.id, 'soon');
    this.#settle(record);
    return record.ending === undefined ? undefined : { ...record.facts, ...record.ending };
  }

  /** Forgets what was over, and what came last, before a time. */
  expire(before: number): void {
    for (const [id, record] of this.#over) {
      if ((record.ending?.endedAt ?? record.at) >= before) break;
      this.#forget(id);
    }
    const gone: { attempts: string[]; refusals: string[] } = { attempts: [], refusals: [] };
    for (const { id, last } of [...this.rows.all()]) {
      if (last >= before) break;
      gone.refusals.push(id);
      gone.attempts.push(...this.rows.remove(id));
    }
    if (gone.refusals.length > 0) this.#listeners.onForgotten(gone);
  }

  /** Notes a line of the log about an attempt. */
  onLine(attempt: string, line: string): void {
    const record = this.#find(attempt);
    if (record === undefined) return;
    const { bytes } = record;
    record.addLine(line);
    this.#weigh(record, bytes);
  }

  onEvent(event: GatewayEvent): void {
    const now = this.#now();
    switch (event.type) {
      case 'attempt':
        this.#undecided.set(event.attempt.attempt, recordOf(event.attempt));
        if (this.#undecided.size > mostUndecided) this.#undecided.delete(this.#undecided.keys().next().value as string);
        break;
      case 'refused':
        this.#refused(event, now);
        break;
      case 'admitted':
        this.#admitted(event, now);
        break;
      case 'left':
        this.#left(event, now);
        break;
      case 'ended':
        this.#ended(event, now);
        break;
      case 'asked': {
        const record = this.#find(event.attempt);
        if (record === undefined || now - record.askedAt < askedMs) break;
        record.askedAt = now;
        this.#note(record, { at: now, type: 'asked' });
        break;
      }
      case 'round-trip':
        this.#met(event.session, { at: now, type: 'round-trip', roundTripMs: roundedMs(event.roundTripMs) });
        break;
      case 'renewed':
        this.#met(event.session, { at: now, type: 'renewed', expiresAt: event.session.identity.expiresAt ?? null });
        break;
      case 'gap':
        this.#met(event.session, { at: now, type: 'gap', channel: event.channel, from: event.from, to: event.to });
        break;
      case 'renewal-refused': {
        const reason = plainText(event.reason, mostReasonCharacters);
        this.#met(event.session, { at: now, type: 'renewal-refused', code: event.code, reason });
        break;
      }
      case 'unsubscribed': {
        const { channel, reason = null } = event;
        this.#met(event.session, { at: now, type: 'unsubscribed', channel, reason });
        break;
      }
      case 'subscribed':
      case 'catching-up':
      case 'caught-up':
        this.#met(event.session, { at: now, type: event.type, channel: event.channel });
        break;
    }
  }

  #refused(event: Extract<GatewayEvent, { type: 'refused' }>, now: number): void {
    const { attempt, refusal, user, decision, told } = event;
    this.rates.refused(refusal.name, now);
    const record = this.#decided(attempt.attempt) ?? recordOf(attempt);
    const { row, forgotten, removed } = this.rows.add(record.facts, refusal, user, now);
    record.decided(decision);
    record.refusal = row;
    record.told = told;
    this.#settle(record);
    for (const id of forgotten) this.#forget(id);
    if (forgotten.length > 0 || removed.length > 0) {
      this.#listeners.onForgotten({ attempts: forgotten, refusals: removed });
    }
  }

  #admitted({ attempt, session, decision }: Extract<GatewayEvent, { type: 'admitted' }>, now: number): void {
    const record = this.#decided(attempt.attempt) ?? recordOf(attempt);
    record.decided(decision);
    record.view = session;
    record.session = figuresOf(session);
    this.rates.admitted({ ...record.facts, ...record.session }, now);
    this.#forget(record.id);
    this.#live.set(record.id, record);
    this.#weigh(record, 0);
    this.#listeners.onChanged(record.id, 'soon');
  }

  #left({ attempt, kind, reason, decision, ...event }: Extract<GatewayEvent, { type: 'left' }>, now: number): void {
    this.rates.left(now);
    const record = this.#decided(attempt.attempt) ?? recordOf(attempt);
    const user = plainText(event.user, mostUserCharacters);
    const { at: since } = record;
    record.decided(decision);
    record.note({ at: now, type: 'left', user });
    const how = { code: 1006, name: 'closed', reason, by: 'client', wasClean: false } as const;
    record.ending = { session: null, ...how, user, kind, since, endedAt: now };
    this.#listeners.onChanged(record.id, 'soon');
    this.#settle(record);
    this.#listeners.onEnded({ ...record.facts, ...record.ending });
  }

  #ended(event: Extract<GatewayEvent, { type: 'ended' }>, now: number): void {
    const { session, code, name, reason, by, wasClean } = event;
    this.rates.ended({ ...factsOf(session.attempt), ...figuresOf(session) }, code, now);
    const record = this.#live.get(session.attempt.attempt);
    if (record === undefined) return;
    record.view = undefined;
    // Its subscriptions are over already: what it had is in the last figures before.
    const { subscriptions = 0 } = record.session ?? {};
    record.session = { ...figuresOf(session), subscriptions, behind: 0, behindSince: null };
    const { user, kind, since, session: id } = record.session;
    record.ending = { session: id, code, name, reason, by, wasClean, user, kind, since, endedAt: now };
    this.#live.delete(record.id);
    this.#bytes -= record.bytes;
    this.#listeners.onChanged(record.id, 'soon');
    this.#settle(record);
    this.#listeners.onEnded({ ...record.facts, ...record.ending });
  }

  #met(session: SessionView, event: AttemptEvent): void {
    const record = this.#live.get(session.attempt.attempt);
    if (record === undefined) return;
    record.session = figuresOf(session);
    this.#note(record, event);
  }

  #note(record: RecordedAttempt, event: AttemptEvent): void {
    const { bytes } = record;
    record.note(event);
    this.#weigh(record, bytes);
    if (!this.#undecided.has(record.id)) this.#listeners.onChanged(record.id, 'lazily');
  }

  #find(id: string): RecordedAttempt | undefined {
    return this.#live.get(id) ?? this.#over.get(id) ?? this.#undecided.get(id);
  }

  #decided(id: string): RecordedAttempt | undefined {
    const record = this.#undecided.get(id);
    this.#undecided.delete(id);
    return record;
  }

  #settle(record: RecordedAttempt): void {
    // An id may be used again once the gateway has forgotten it.
    this.#forget(record.id);
    this.#over.set(record.id, record);
    this.#weigh(record, 0);
  }

  #forget(id: string): void {
    const record = this.#over.get(id);
    if (record === undefined) return;
    this.#over.delete(id);
    this.#bytes -= record.bytes;
  }

  /** Makes room: what goes from memory stays on the disk, or is still to come there. */
  #evict(record: RecordedAttempt): void {
    this.#listeners.onEvicted(record.id, () => this.#jsonOf(record));
    this.#forget(record.id);
  }

  #jsonOf(record: RecordedAttempt): AttemptRecord {
    if (record.view !== undefined) record.session = figuresOf(record.view);
    return record.toJson(record.refusal && this.rows.get(record.refusal.id));
  }

  /** Counts what a record has grown, and keeps to the bounds. */
  #weigh(record: RecordedAttempt, before: number): void {
    if (this.#undecided.has(record.id)) return;
    this.#bytes += record.bytes - before;
    const { records, bytes } = this.#bounds;
    const most = Math.max(records - this.#live.size, Math.floor(records * leastShareOver));
    while (this.#over.size > most || this.#bytes > bytes) {
      const [oldest] = this.#over.values();
      if (oldest !== undefined) this.#evict(oldest);
      else if (!this.#shorten()) return;
    }
  }

  /** Drops half the events of the live session whose turn it is; false: there is none with any to spare. */
  #shorten(): boolean {
    if (this.#bytes <= this.#bounds.bytes) return false;
    for (const [id, record] of this.#live) {
      if (record.events < 2) continue;
      this.#bytes -= record.drop(Math.ceil(record.events / 2));
      this.#live.delete(id);
      this.#live.set(id, record);
      return true;
    }
    return false;
  }
}
