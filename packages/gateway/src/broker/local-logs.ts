// The logs that this process holds, who follows each, and the one budget they share. Brokers append to them; what is
// appended when, and whether it is also kept elsewhere, they decide.

import type { Clock } from '../clock.ts';
import type { ChannelLog, NewMessage } from '../log/channel-log.ts';
import type { Following } from './broker.ts';

interface Kept {
  log: ChannelLog | undefined;
  readonly followers: Set<() => void>;
  inDoubt: boolean;
  /** Monotonic time of the last append or release, of a stored log of the last release: which idle log goes first. */
  usedAt: number;
}

export interface LocalLogsOptions {
  readonly clock: Clock;
  /** Bytes all logs may hold together. */
  readonly logBytes: number;
}

/** Bytes appended after which the budget is looked at without waiting for the next sweep. */
const budgetStepBytes = 1024 * 1024;

/** How long an empty log nobody follows keeps its epoch, so that who comes back resumes. */
const emptyLogMs = 600_000;

/** How long a stored log nobody follows stays in memory; then the store alone has it. */
const idleStoredMs = 60_000;

export class LocalLogs {
  readonly #clock: Clock;
  readonly #budget: number;
  readonly #channels = new Map<string, Kept>();
  #grownSinceCheck = 0;
  /** The last check found no more to free. */
  #isFull = false;
  #evictions = 0;

  constructor({ clock, logBytes }: LocalLogsOptions) {
    this.#clock = clock;
    this.#budget = logBytes;
  }

  get(channel: string): ChannelLog | undefined {
    return this.#channels.get(channel)?.log;
  }

  isFollowed(channel: string): boolean {
    return (this.#channels.get(channel)?.followers.size ?? 0) > 0;
  }

  /** Whether the logs that are read hold as much as all may, so that nothing more should be taken. */
  get isFull(): boolean {
    return this.#isFull;
  }

  follow(channel: string, onChange: () => void): Following {
    const kept = this.#kept(channel);
    // A function of its own, so that one caller may follow twice.
    const follower = (): void => onChange();
    kept.followers.add(follower);
    return {
      get log() {
        return kept.log;
      },
      get inDoubt() {
        return kept.inDoubt;
      },
      release: () => {
        kept.followers.delete(follower);
        kept.usedAt = this.#clock.monotonic();
        if (kept.followers.size === 0 && kept.log === undefined) this.#channels.delete(channel);
      },
    };
  }

  /** Puts a log in its place, as the first or in the stead of another, and ends a doubt. */
  put(log: ChannelLog): void {
    const kept = this.#kept(log.channel);
    kept.log = log;
    kept.inDoubt = false;
    this.grow(log.bytes);
    tell(kept);
  }

  /** Appends to a log, and puts it in its place if it is new. */
  append(log: ChannelLog, messages: readonly NewMessage[], time: number): void {
    const monotonic = this.#clock.monotonic();
    log.append(messages, time, monotonic);
    const kept = this.#kept(log.channel);
    kept.log = log;
    // Otherwise a log that is written all the time and never read would never go.
    if (!log.bounds.isStored) kept.usedAt = monotonic;
    tell(kept);
  }

  /** Says that a log may miss something until it is put anew; one nobody follows goes. */
  doubt(channel: string): void {
    const kept = this.#channels.get(channel);
    if (kept === undefined) return;
    if (kept.followers.size === 0) {
      this.#channels.delete(channel);
    } else if (!kept.inDoubt) {
      kept.inDoubt = true;
      tell(kept);
    }
  }

  /** The channel has no log, or none any more. */
  remove(channel: string): void {
    const kept = this.#channels.get(channel);
    if (kept === undefined) return;
    kept.log = undefined;
    kept.inDoubt = false;
    if (kept.followers.size === 0) this.#channels.delete(channel);
    else tell(kept);
  }

  /** Notes what logs grow by; looks at the budget when it was much. */
  grow(bytes: number): void {
    this.#grownSinceCheck += bytes;
    if (this.#grownSinceCheck >= budgetStepBytes) this.#isFull = !this.#keepToBudget();
  }

  /** Lets go of what is over its age or the budget, and of what nobody needs here. */
  sweep(): void {
    const time = this.#clock.now();
    const monotonic = this.#clock.monotonic();
    for (const [channel, kept] of this.#channels) {
      const { log, followers, usedAt } = kept;
      if (log === undefined) continue;
      const { head } = log;
      log.trim(time, monotonic);
      if (log.head !== head) tell(kept);
      const restMs = log.bounds.isStored ? idleStoredMs : log.count === 0 ? emptyLogMs : Infinity;
      if (followers.size === 0 && usedAt < monotonic - restMs) this.#channels.delete(channel);
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

  clear(): void {
    this.#channels.clear();
  }

  #kept(channel: string): Kept {
    let kept = this.#channels.get(channel);
    if (kept === undefined) {
      kept = { log: undefined, followers: new Set(), inDoubt: false, usedAt: this.#clock.monotonic() };
      this.#channels.set(channel, kept);
    }
    return kept;
  }

  /**
   * Frees what is over the budget: cached frames first, then idle logs, stored ones and the longest unused first, then
   * the old ends of the largest streams, whose readers are told by their gap. Answers whether that was enough.
   */
  #keepToBudget(): boolean {
    this.#grownSinceCheck = 0;
    let over = this.figures().logBytes - this.#budget;
    if (over <= 0) return true;
    for (const { log } of this.#channels.values()) log?.forgetFrames();
    over = this.figures().logBytes - this.#budget;
    for (const [channel, bytes] of this.#idle()) {
      if (over <= 0) return true;
      over -= bytes;
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

  /** Logs nobody follows and their bytes, in the order in which they may go. */
  #idle(): readonly (readonly [string, number])[] {
    const idle = [...this.#channels].flatMap(([channel, { log, followers, usedAt }]) =>
      log === undefined || followers.size > 0 ? [] : { channel, log, usedAt },
    );
    idle.sort((a, b) => Number(b.log.bounds.isStored) - Number(a.log.bounds.isStored) || a.usedAt - b.usedAt);
    return idle.map(({ channel, log }) => [channel, log.bytes]);
  }
}

function tell({ followers }: Kept): void {
  for (const onChange of followers) onChange();
}
