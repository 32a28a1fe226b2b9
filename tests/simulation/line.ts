// One connection between a peer and the gateway, in memory: bytes take their time, wait while nobody reads, stop where
// the line is dark, and fill what the kernel would hold. The gateway's end is what node:http hands over at an upgrade.

import { Duplex } from 'node:stream';
import type { ManualClock } from '../../packages/gateway/src/testing/manual-clock.ts';

/** How good a line is. */
export interface LineConditions {
  readonly latencyMs: number;
  readonly bytesPerMs: number;
  /** What the kernels on the way hold for who does not read. */
  readonly kernelBytes: number;
}

/** The peer's side of a line. */
export interface LineEnd {
  onBytes(bytes: Buffer): void;
  /** Nothing more will come. */
  onEnd(): void;
}

interface Sent {
  /** Undefined: the end. */
  readonly bytes: Buffer | undefined;
  readonly sentAt: number;
  /** Called once the kernel has room for it; undefined once it was. */
  onTaken: (() => void) | undefined;
}

/** One direction. What was sent arrives in order, after the latency, at the line's pace, while it is not held. */
class Way {
  readonly #clock: ManualClock;
  readonly #conditions: LineConditions;
  readonly #arrive: (bytes: Buffer | undefined) => void;
  readonly #underWay: Sent[] = [];
  #arrivedAt = 0;
  #cancel: (() => void) | undefined;
  #isHeld = false;

  constructor(clock: ManualClock, conditions: LineConditions, arrive: (bytes: Buffer | undefined) => void) {
    this.#clock = clock;
    this.#conditions = conditions;
    this.#arrive = arrive;
  }

  set isHeld(isHeld: boolean) {
    this.#isHeld = isHeld;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#pump();
  }

  send(bytes: Buffer | undefined, onTaken?: () => void): void {
    this.#underWay.push({ bytes, sentAt: this.#clock.monotonic(), onTaken });
    this.#take();
    this.#pump();
  }

  stop(): void {
    this.#cancel?.();
    this.#underWay.length = 0;
  }

  #pump(): void {
    const [next] = this.#underWay;
    if (next === undefined || this.#isHeld || this.#cancel !== undefined) return;
    const { latencyMs, bytesPerMs } = this.#conditions;
    const now = this.#clock.monotonic();
    const dueAt = Math.max(next.sentAt + latencyMs, this.#arrivedAt) + (next.bytes?.length ?? 0) / bytesPerMs;
    this.#cancel = this.#clock.after(Math.ceil(dueAt - now), () => {
      this.#cancel = undefined;
      this.#underWay.shift();
      this.#arrivedAt = this.#clock.monotonic();
      this.#arrive(next.bytes);
      this.#take();
      this.#pump();
    });
  }

  #take(): void {
    let bytes = 0;
    for (const sent of this.#underWay) {
      bytes += sent.bytes?.length ?? 0;
      if (bytes > this.#conditions.kernelBytes && sent !== this.#underWay[0]) return;
      const { onTaken } = sent;
      sent.onTaken = undefined;
      onTaken?.();
    }
  }
}

/** What the gateway writes to and reads from. */
class GatewayEnd extends Duplex {
  /** As `net.Socket` has it: the gateway's sign of life. */
  bytesRead = 0;
  readonly remoteAddress = '127.0.0.1';
  readonly #line: Line;

  constructor(line: Line) {
    super();
    this.#line = line;
  }

  /** Something came up the line; undefined: its end. */
  receive(bytes: Buffer | undefined): void {
    if (this.destroyed) return;
    this.bytesRead += bytes?.length ?? 0;
    this.push(bytes ?? null);
  }

  override _read(): void {
    // What comes is pushed as it arrives.
  }

  override _write(bytes: Buffer, _encoding: string, callback: () => void): void {
    this.#line.sendDown(bytes, callback);
  }

  override _final(callback: () => void): void {
    this.#line.sendDown(undefined);
    callback();
  }

  override _destroy(_error: Error | null, callback: (error?: Error | null) => void): void {
    this.#line.sendDown(undefined);
    callback(null);
  }
}

/** How long `ws` waits for the end of a socket whose peer has closed. */
const closeTimeoutMs = 30_000;

export class Line {
  readonly gatewayEnd: GatewayEnd;
  readonly #clock: ManualClock;
  readonly #peer: LineEnd;
  readonly #up: Way;
  readonly #down: Way;
  #isDark = false;
  #isRead = true;
  #isLeft = false;
  #isCut = false;

  constructor(clock: ManualClock, conditions: LineConditions, peer: LineEnd) {
    this.#clock = clock;
    this.#peer = peer;
    this.gatewayEnd = new GatewayEnd(this);
    this.#up = new Way(clock, conditions, (bytes) => this.gatewayEnd.receive(bytes));
    this.#down = new Way(clock, conditions, (bytes) => (bytes === undefined ? peer.onEnd() : peer.onBytes(bytes)));
  }

  /** Sends from the peer. */
  sendUp(bytes: Buffer | undefined): void {
    if (!this.#isCut) this.#up.send(bytes);
  }

  /** Sends from the gateway; `onTaken` comes when the kernel has it. */
  sendDown(bytes: Buffer | undefined, onTaken?: () => void): void {
    if (this.#isCut) onTaken?.();
    else this.#down.send(bytes, onTaken);
  }

  /** Whether the peer reads what has come to it. */
  set isRead(isRead: boolean) {
    this.#isRead = isRead;
    this.#hold();
  }

  /** Whether nothing passes, in both directions, and nobody is told. */
  set isDark(isDark: boolean) {
    this.#isDark = isDark;
    this.#hold();
  }

  /**
   * The peer has closed its socket: what still comes is thrown away, as a kernel does. Where the gateway's answer cannot
   * even leave, `ws` gives up by a timer of Node's, which this clock does not move: it is moved here.
   */
  leave(): void {
    this.#isLeft = true;
    this.#hold();
    const cancel = this.#clock.after(closeTimeoutMs, () => this.cut());
    if (this.gatewayEnd.closed) cancel();
    else this.gatewayEnd.once('close', cancel);
  }

  /** Breaks it: both sides learn of it, and what was under way is gone. */
  cut(): void {
    if (this.#isCut) return;
    this.#isCut = true;
    this.#up.stop();
    this.#down.stop();
    this.gatewayEnd.destroy();
    this.#peer.onEnd();
  }

  #hold(): void {
    this.#up.isHeld = this.#isDark;
    this.#down.isHeld = this.#isDark || (!this.#isRead && !this.#isLeft);
  }
}
