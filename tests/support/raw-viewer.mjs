// A viewer on a bare TCP socket: it reads as many bytes as it is allowed to and no more, which no WebSocket library can,
// and so decides how fast pongs come. Holds what a careful viewer makes of the frames, and every promise that was broken.

import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

/** Bytes of one read of a slow viewer. */
const slowRead = 1000;
const anyRead = 64 * 1024;

/** Milliseconds on one scale for all processes of this machine. */
export const nowMs = () => performance.timeOrigin + performance.now();

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
  /** What came and is not taken yet, and how much of it there must be before it is worth a look. */
  #pieces = [];
  #pendingBytes = 0;
  #neededBytes = 2;
  #isReading = true;
  #bytesPerMs = Infinity;
  #allowed = Infinity;
  #tickedAt = nowMs();
  #channels;
  #onSubscribed;
  #onMessage;
  #reads = 0;

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
    this.#socket.write(
      `GET /ws/ HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nUser-Agent: ${kind}\r\n\r\n`,
    );
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
    this.#pieces.push(Buffer.from(bytes));
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes >= this.#neededBytes) this.#takeFrames(Buffer.concat(this.#pieces));
    this.#allowed -= bytes.length;
    return this.#isReading && this.#allowed > 0;
  }

  #takeFrames(bytes) {
    let at = 0;
    this.#neededBytes = 2;
    if (this.#reads++ === 0) {
      // The answer to the handshake comes in one piece, with or without frames behind it.
      const end = bytes.indexOf('\r\n\r\n');
      if (!bytes.subarray(0, 12).equals(Buffer.from('HTTP/1.1 101')))
        this.faults.push(bytes.toString('latin1', 0, 200));
      at = end + 4;
      this.#channels.forEach((channel, id) => this.#send(1, JSON.stringify({ type: 'subscribe', id, channel })));
    }
    while (bytes.length - at >= 2) {
      const short = bytes[at + 1];
      const header = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (bytes.length - at < header) break;
      const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : bytes.readUInt32BE(at + 6);
      if (bytes.length - at < header + length) {
        this.#neededBytes = header + length;
        break;
      }
      const payload = bytes.subarray(at + header, at + header + length);
      const opcode = bytes[at] & 15;
      if (opcode === 1) this.#take(JSON.parse(payload.toString()));
      else if (opcode === 9) this.#send(10, payload);
      else this.faults.push(`opcode ${opcode} ${payload.toString('latin1', 2)}`);
      at += header + length;
    }
    const rest = bytes.subarray(at);
    this.#pieces = rest.length === 0 ? [] : [rest];
    this.#pendingBytes = rest.length;
  }

  #send(opcode, payload) {
    const text = Buffer.from(payload);
    // A mask of zeros leaves the payload as it is.
    this.#socket.write(Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | text.length, 0, 0, 0, 0]), text]));
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
