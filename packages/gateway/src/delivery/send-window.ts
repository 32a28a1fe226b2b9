// How much a peer may owe: bytes written and not yet answered. The kernel hides megabytes of backlog per socket, so a
// WebSocket ping rides behind every quarter of the window, and its pong says how far the peer has really read (DLV2).
// Knows no socket: it is told what was written and which ping was answered.

import { randomInt } from 'node:crypto';

/** Bounds of the window, in bytes and milliseconds. */
export const windowBounds: {
  readonly smallest: number;
  /** What a peer of whom nothing is known yet may owe. */
  readonly first: number;
  readonly largest: number;
  /** A full window that is answered within this time doubles. */
  readonly quickMs: number;
  /** So does one of which a quarter is answered within this time, full or not: the peer reads faster than is written. */
  readonly promptMs: number;
  /** An answer that takes longer lets it fall back. */
  readonly slowMs: number;
  /** So does one that is overdue by this beyond twice the last round trip: who turns slow is not owed a large window. */
  readonly lateMs: number;
  /** The first write after this long without a ping carries one. */
  readonly pingMs: number;
} = {
  smallest: 32 * 1024,
  first: 64 * 1024,
  largest: 512 * 1024,
  quickMs: 1000,
  promptMs: 100,
  slowMs: 2000,
  lateMs: 250,
  pingMs: 1000,
};

interface SentPing {
  readonly id: number;
  readonly sentBytes: number;
  readonly at: number;
  /** The one sent after it. A chain, since an array that was once filled keeps its room in each of many idle sessions. */
  next: SentPing | undefined;
}

export class SendWindow {
  #size = windowBounds.first;
  #sent = 0;
  #answered = 0;
  #sincePing = 0;
  #oldestPing: SentPing | undefined;
  #newestPing: SentPing | undefined;
  /** In whole milliseconds, as `#progressAt` is: V8 keeps whole numbers in their object, and any other in one of its own. */
  #lastPingAt: number | undefined = undefined;
  #wasFull = false;
  #progressAt: number;
  #roundTripMs: number | undefined;

  constructor(monotonic: number) {
    this.#progressAt = Math.round(monotonic);
  }

  get unanswered(): number {
    return this.#sent - this.#answered;
  }

  get isFull(): boolean {
    // What no ping rides behind is nothing to wait for: a window that has just become smaller would never open again.
    return this.unanswered >= this.#size && this.#oldestPing !== undefined;
  }

  get size(): number {
    return this.#size;
  }

  get isSmallest(): boolean {
    return this.#size === windowBounds.smallest;
  }

  /** Milliseconds from ping to pong, of the last answered one. */
  get roundTripMs(): number | undefined {
    return this.#roundTripMs;
  }

  /** Since when the peer has answered nothing of what it owes; undefined if it owes nothing. */
  get owesSince(): number | undefined {
    return this.unanswered > 0 ? this.#progressAt : undefined;
  }

  /** Since when the peer has answered nothing although its window is full; undefined if it is not full. */
  get stalledSince(): number | undefined {
    return this.isFull ? this.#progressAt : undefined;
  }

  /** Notes bytes written at about this time. Answers whether a ping is due behind them. */
  wrote(bytes: number, monotonic: number): boolean {
    // Progress is judged from the moment the peer owed an answer, not from its last one on an idle line: what was written
    // after the last ping is owed by nobody until the next one rides behind it.
    if (this.#oldestPing === undefined) this.#progressAt = Math.round(monotonic);
    this.#sent += bytes;
    this.#sincePing += bytes;
    if (this.#isLate(monotonic)) this.#size = windowBounds.smallest;
    if (this.unanswered >= this.#size) this.#wasFull = true;
    return this.#sincePing >= this.#size / 4 || monotonic - (this.#lastPingAt ?? -Infinity) >= windowBounds.pingMs;
  }

  /** Notes a ping that is sent now, behind what was written or only to ask whether the peer lives. Answers its id. */
  ping(monotonic: number): number {
    // Not to be guessed: who could answer pings it has not read would never seem to fall behind.
    const id = randomInt(2 ** 32);
    const ping: SentPing = { id, sentBytes: this.#sent, at: monotonic, next: undefined };
    if (this.#newestPing === undefined) this.#oldestPing = ping;
    else this.#newestPing.next = ping;
    this.#newestPing = ping;
    this.#sincePing = 0;
    this.#lastPingAt = Math.round(monotonic);
    return id;
  }

  /** Notes the answer to a ping; also speaks for the pings before it. Answers whether the id was one of ours. */
  answered(id: number, monotonic: number): boolean {
    let ping = this.#oldestPing;
    while (ping !== undefined && ping.id !== id) ping = ping.next;
    if (ping === undefined) return false;
    this.#oldestPing = ping.next;
    if (ping.next === undefined) this.#newestPing = undefined;
    this.#roundTripMs = monotonic - ping.at;
    const read = Math.max(0, ping.sentBytes - this.#answered);
    this.#answered += read;
    this.#progressAt = Math.round(monotonic);
    const { smallest, largest, quickMs, promptMs, slowMs } = windowBounds;
    // Who is never behind would otherwise be asked four times as often as it takes to know that.
    const isPrompt = read >= this.#size / 4 && this.#roundTripMs <= promptMs;
    if (this.#roundTripMs > slowMs) this.#size = smallest;
    else if (isPrompt || (this.#wasFull && this.#roundTripMs <= quickMs))
      this.#size = Math.min(this.#size * 2, largest);
    if (!this.isFull) this.#wasFull = false;
    return true;
  }

  #isLate(monotonic: number): boolean {
    if (this.#oldestPing === undefined) return false;
    return monotonic - this.#oldestPing.at > windowBounds.lateMs + 2 * (this.#roundTripMs ?? 0);
  }
}
