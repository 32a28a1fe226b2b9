// A viewer on a bare TCP socket: it reads as many bytes as it is allowed to and no more, which no WebSocket library can,
// and so decides how fast pongs come. Holds what a careful viewer makes of the frames, and every promise that was broken.

import { connect } from 'node:net';
import { clientFrame, FrameReader, upgradeRequest } from './frame-reader.mjs';

/** Bytes of one read of a slow viewer. */
const slowRead = 1000;
const anyRead = 64 * 1024;

/** Milliseconds on one scale for all processes of this machine. */
export const nowMs = () => performance.timeOrigin + performance.now();

/** Frames that were parsed last, by their payload; newest last. */
const recent = [];
const mostRecent = 64;

/** Viewers of one channel get the same bytes: whoever parsed each of them anew would be slower than the gateway. */
function parsed(payload) {
  const known = recent.findLast(({ bytes }) => bytes.equals(payload));
  if (known !== undefined) return known.frame;
  const frame = JSON.parse(payload.toString());
  recent.push({ bytes: Buffer.from(payload), frame });
  if (recent.length > mostRecent) recent.shift();
  return frame;
}

export class RawViewer {
  /** Stream: the last offset, how many came, how many were told to be gone. */
  last = 0;
  streamed = 0;
  missed = 0;
  /** Table: key → {n, at}, and the last offset. */
  rows = new Map();
  tableAt = 0;
  /** Age of the oldest table value at the moment a newer one took its place, in milliseconds. */
  oldestShownMs = 0;
  /** A value that was the newest until then is not old: until then nothing was published. */
  staleSince = 0;
  faults = [];
  #socket;
  #reader = new FrameReader(
    (head) => this.#answered(head),
    (opcode, payload) => this.#takeFrame(opcode, payload),
  );
  #isReading = true;
  #bytesPerMs = Infinity;
  #allowed = Infinity;
  #tickedAt = nowMs();
  #channels;
  #onSubscribed;
  #onMessage;

  /** @param onMessage called with the time of each message's publishing and of its arrival */
  constructor({ port, channels, kind, bytesPerSecond = Infinity, onMessage }) {
    this.#bytesPerMs = bytesPerSecond / 1000;
    this.#allowed = bytesPerSecond === Infinity ? Infinity : slowRead;
    this.#channels = channels;
    this.#onMessage = onMessage;
    this.subscribed = new Promise((resolve, reject) => {
      this.#onSubscribed = resolve;
      setTimeout(() => reject(new Error(`a viewer was not subscribed; ${this.faults.join('; ')}`)), 30_000).unref();
    });
    const isSlow = kind === 'slow';
    const buffer = Buffer.alloc(isSlow ? slowRead : anyRead);
    const callback = (length) => this.#read(buffer.subarray(0, length));
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer, callback } });
    this.#socket.on('error', (error) => this.faults.push(String(error)));
    this.#socket.on('close', () => this.faults.push('closed'));
    this.#socket.write(upgradeRequest({ host: `localhost:${port}`, target: '/ws/', headers: { 'User-Agent': kind } }));
  }

  /** Reads nothing, everything, or so many bytes a second, as long as somebody calls `tick`. */
  allow(bytesPerSecond) {
    this.#bytesPerMs = bytesPerSecond / 1000;
    this.#allowed = bytesPerSecond === Infinity ? Infinity : Math.min(slowRead, bytesPerSecond);
    this.#isReading = bytesPerSecond > 0;
    if (this.#isReading) this.#socket.resume();
    else this.#socket.pause();
  }

  tick() {
    const now = nowMs();
    const elapsedMs = now - this.#tickedAt;
    this.#tickedAt = now;
    if (!this.#isReading || this.#bytesPerMs === Infinity) return;
    // What one read took too much is missing in the next ticks; a tick that comes late brings more.
    this.#allowed = Math.min(this.#allowed, 0) + this.#bytesPerMs * elapsedMs;
    if (this.#allowed > 0) this.#socket.resume();
  }

  report() {
    const { last, streamed, missed, oldestShownMs, faults } = this;
    return { last, streamed, missed, oldestShownMs, faults, rows: [...this.rows].map(([key, { n }]) => [key, n]) };
  }

  end() {
    this.#socket.removeAllListeners('close');
    this.#socket.destroy();
  }

  /** Takes bytes; false pauses the socket. */
  #read(bytes) {
    this.#reader.take(bytes);
    this.#allowed -= bytes.length;
    return this.#isReading && this.#allowed > 0;
  }

  #answered(head) {
    if (!head.startsWith('HTTP/1.1 101')) this.faults.push(head);
    this.#channels.forEach((channel, id) => this.#send(1, JSON.stringify({ type: 'subscribe', id, channel })));
  }

  #takeFrame(opcode, payload) {
    if (opcode === 1) this.#take(parsed(payload));
    else if (opcode === 9) this.#send(10, payload);
    else this.faults.push(`opcode ${opcode} ${payload.toString('latin1', 2)}`);
  }

  #send(opcode, payload) {
    this.#socket.write(clientFrame(opcode, payload));
  }

  #take(frame) {
    if (frame.type === 'error') this.faults.push(frame.message);
    if (frame.type === 'subscribed') {
      if (frame.start !== 'fresh') this.faults.push(`${frame.channel} was ${frame.start}`);
      const offset = frame.position?.offset ?? 0;
      if (frame.kind === 'stream') this.last = offset;
      else this.tableAt = offset;
    }
    if (frame.type !== 'messages') return;
    if (frame.channel.startsWith('s')) this.#takeStream(frame);
    else this.#takeTable(frame);
    if (this.#channels.at(-1) === frame.channel) this.#onSubscribed();
  }

  #takeStream({ messages, to, gap }) {
    if (gap !== undefined) {
      if (gap.from !== this.last + 1 || gap.to < gap.from)
        this.faults.push(`gap ${gap.from}-${gap.to} at ${this.last}`);
      this.missed += gap.to - gap.from + 1;
      this.last = gap.to;
    }
    const now = nowMs();
    for (const { offset, data } of messages) {
      if (offset !== this.last + 1) this.faults.push(`offset ${offset} after ${this.last}`);
      this.last = offset;
      this.streamed++;
      this.#onMessage?.(data.at, now);
    }
    if (to !== this.last) this.faults.push(`to ${to} at ${this.last}`);
  }

  #takeTable({ messages, to }) {
    const now = nowMs();
    for (const { offset, key, data } of messages) {
      if (offset <= this.tableAt) this.faults.push(`table offset ${offset} after ${this.tableAt}`);
      this.tableAt = offset;
      const before = this.rows.get(key);
      if (before !== undefined) {
        if (data.n <= before.n) this.faults.push(`${key} fell from ${before.n} to ${data.n}`);
        this.oldestShownMs = Math.max(this.oldestShownMs, now - Math.max(before.at, this.staleSince));
      }
      this.rows.set(key, data);
      this.#onMessage?.(data.at, now);
    }
    if (to < this.tableAt) this.faults.push(`table to ${to} at ${this.tableAt}`);
    this.tableAt = Math.max(this.tableAt, to);
  }
}
