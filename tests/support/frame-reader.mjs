// What a server sends over a bare TCP connection, as a WebSocket client reads it (RFC 6455): the answer to the handshake,
// then whole frames. For viewers that must cost little or read at a pace of their own, which no library's do.

import { randomBytes } from 'node:crypto';

/** The request that begins it. */
export function upgradeRequest({ host, target, headers }) {
  const all = {
    Host: host,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${target} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** A frame from a client. Its mask of zeros leaves the payload as it is. */
export function clientFrame(opcode, payload) {
  const bytes = Buffer.from(payload);
  if (bytes.length > 65_535) throw new Error(`found a frame of ${bytes.length} bytes, expected at most 65535`);
  const length = bytes.length < 126 ? [0x80 | bytes.length] : [0x80 | 126, bytes.length >> 8, bytes.length & 255];
  return Buffer.concat([Buffer.from([0x80 | opcode, ...length, 0, 0, 0, 0]), bytes]);
}

export class FrameReader {
  #onAnswer;
  #onFrame;
  /** What came and is not taken yet, and how much of it there must be before it is worth a look. */
  #pieces = [];
  #pendingBytes = 0;
  #neededBytes = 1;
  #isAnswered = false;

  /**
   * @param onAnswer called once, with the head of the answer
   * @param onFrame called with the opcode and the payload of each frame, which is valid during the call
   */
  constructor(onAnswer, onFrame) {
    this.#onAnswer = onAnswer;
    this.#onFrame = onFrame;
  }

  /** Takes bytes; the caller may use their memory again. */
  take(bytes) {
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes < this.#neededBytes) return void this.#pieces.push(Buffer.from(bytes));
    const all = this.#pieces.length === 0 ? bytes : Buffer.concat([...this.#pieces, bytes]);
    const rest = all.subarray(this.#isAnswered ? this.#takeFrames(all, 0) : this.#takeAnswer(all));
    this.#pieces = rest.length === 0 ? [] : [Buffer.from(rest)];
    this.#pendingBytes = rest.length;
  }

  /** Answers how much it took. */
  #takeAnswer(bytes) {
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) {
      this.#neededBytes = bytes.length + 1;
      return 0;
    }
    this.#isAnswered = true;
    this.#onAnswer(bytes.toString('latin1', 0, end));
    return this.#takeFrames(bytes, end + 4);
  }

  #takeFrames(bytes, from) {
    let at = from;
    this.#neededBytes = 2;
    while (bytes.length - at >= 2) {
      const short = bytes[at + 1];
      const header = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (bytes.length - at < header) break;
      const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : bytes.readUInt32BE(at + 6);
      if (bytes.length - at < header + length) {
        this.#neededBytes = header + length;
        break;
      }
      this.#onFrame(bytes[at] & 15, bytes.subarray(at + header, at + header + length));
      at += header + length;
    }
    return at;
  }
}
