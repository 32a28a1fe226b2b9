// The broker of one process: the broker's log is the local log, and an announcement is a function call. The gateway
// uses it unless given another; it is the real thing with a shorter wire.

import { randomBytes } from 'node:crypto';
import { base32 } from '@telltale/protocol';
import type { Clock } from '../clock.ts';
import { ChannelLog, type LogBounds, type NewMessage } from '../log/channel-log.ts';
import type { AppendOutcome, Broker, Following, OnceKey } from './broker.ts';
import { OnceMemory } from './once-memory.ts';

interface Kept {
  log: ChannelLog | undefined;
  readonly followers: Set<() => void>;
  /** Monotonic time of the last append or release: which idle log goes first. */
  usedAt: number;
}

export interface MemoryBrokerOptions {
  readonly clock: Clock;
  /** Bytes all logs may hold together. */
  readonly logBytes: number;
}

/** Bytes appended after which the budget is looked at without waiting for the next sweep. */
const budgetStepBytes = 1024 * 1024;

/** How long an empty log nobody follows keeps its epoch, so that who comes back resumes. */
const emptyLogMs = 600_000;

export class MemoryBroker implements Broker {
  readonly #clock: Clock;
  readonly #budget: number;
  readonly #channels = new Map<string, Kept>();
  readonly #once = new OnceMemory();
  #appendedSinceCheck = 0;
  /** The last check found no more to free; nothing is taken until one does. */
  #isFull = false;
  #evictions = 0;

  constructor({ clock, logBytes }: MemoryBrokerOptions) {
    this.#clock = clock;
    this.#budget = logBytes;
  }

  append(channel: string, messages: readonly NewMessage[], bounds: LogBounds, once?: OnceKey): AppendOutcome {
    const monotonic = this.#clock.monotonic();
    if (once !== undefined) {
      const decision = this.#once.decide(channel, once, monotonic);
      if (decision.kind === 'duplicate') return { kind: 'appended', position: decision.position, duplicate: true };
      if (decision.kind !== 'next') return decision;
    }
    if (messages.length === 0) {
      if (once !== undefined) this.#once.use(channel, once, undefined, monotonic);
      return { kind: 'refused' };
    }
    if (!this.#hasRoomFor(messages)) return { kind: 'unavailable', reason: 'the logs hold as much as they may' };
    const kept = this.#kept(channel);
    kept.log ??= new ChannelLog(channel, base32(randomBytes(10)), bounds);
    const time = this.#clock.now();
    kept.log.append(messages, time, monotonic);
    kept.usedAt = monotonic;
    const { position } = kept.log;
    for (const onChange of kept.followers) onChange();
    if (once !== undefined) this.#once.use(channel, once, position, monotonic);
    return { kind: 'appended', position, duplicate: false, time };
  }

  follow(channel: string, _bounds: LogBounds, onChange: () => void): Following {
    const kept = this.#kept(channel);
    // A function of its own, so that one caller may follow twice.
    const follower = (): void => onChange();
    kept.followers.add(follower);
    return {
      get log() {
        return kept.log;
      },
      inDoubt: false,
      release: () => {
        kept.followers.delete(follower);
        kept.usedAt = this.#clock.monotonic();
        if (kept.followers.size === 0 && kept.log === undefined) this.#channels.delete(channel);
      },
    };
  }

  sweep(): void {
    const time = this.#clock.now();
    const monotonic = this.#clock.monotonic();
    for (const [channel, { log, followers, usedAt }] of this.#channels) {
      if (log === undefined) continue;
      const { head } = log;
      log.trim(time, monotonic);
      if (log.head !== head) for (const onChange of followers) onChange();
      if (followers.size === 0 && log.count === 0 && usedAt < monotonic - emptyLogMs) this.#channels.delete(channel);
    }
    this.#isFull = !this.#keepToBudget();
  }

  figures(): { logs: number; logBytes: number; evictions: number } {
    let logs = 0;
    let logBytes = 0;
    for (const { log } of this.#channels.values()) {
      if (log === undefined) continue;
      logs++;
      logBytes += log.bytes;
    }
    return { logs, logBytes, evictions: this.#evictions };
  }

  async stop(): Promise<void> {
    this.#channels.clear();
  }

  #kept(channel: string): Kept {
    let kept = this.#channels.get(channel);
    if (kept === undefined) {
      kept = { log: undefined, followers: new Set(), usedAt: this.#clock.monotonic() };
      this.#channels.set(channel, kept);
    }
    return kept;
  }

  #hasRoomFor(messages: readonly NewMessage[]): boolean {
    for (const { body } of messages) this.#appendedSinceCheck += body.length;
    if (this.#appendedSinceCheck >= budgetStepBytes) this.#isFull = !this.#keepToBudget();
    return !this.#isFull;
  }

  /**
   * Frees what is over the budget: cached frames first, then idle logs, longest unused first, then the old ends of the
   * largest streams, whose readers are told by their gap. Answers whether that was enough.
   */
  #keepToBudget(): boolean {
    this.#appendedSinceCheck = 0;
    let over = this.figures().logBytes - this.#budget;
    if (over <= 0) return true;
    for (const { log } of this.#channels.values()) log?.forgetFrames();
    over = this.figures().logBytes - this.#budget;
    const idle = [...this.#channels].filter(([, { followers }]) => followers.size === 0);
    for (const [channel, { log }] of idle.sort(([, a], [, b]) => a.usedAt - b.usedAt)) {
      if (over <= 0) return true;
      over -= log?.bytes ?? 0;
      this.#channels.delete(channel);
      this.#evictions++;
    }
    const largest = [...this.#channels.values()].flatMap(({ log }) => log ?? []).sort((a, b) => b.bytes - a.bytes);
    for (const log of largest) {
      while (over > 0) {
        const { bytes } = log;
        if (!log.dropOldestSegment()) break;
        over -= bytes - log.bytes;
        this.#evictions++;
      }
    }
    return over <= 0;
  }
}
