// One WebSocket connection of the Node load generator: handshake, frames in, frames out (RFC 6455), nothing else.

import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { constants, inflateRawSync } from 'node:zlib';

/** RSV1: the payload is deflated. */
const compressed = 0x40;
const opcodes = { text: 1, close: 8, ping: 9, pong: 10 };
let tokens;

export class Connection {
  /** Number of the newest message; the generator's own. */
  last;
  #options;
  #isPublisher;
  #onMessage;
  #onOpen;
  #socket;
  #rest = Buffer.alloc(0);
  #state = 'upgrading';
  #readySeen = 0;

  /** Resolves when the connection has all it waits for before messages count. */
  static open({ options, index, isPublisher, onMessage, onBytes, onFailed }) {
    return new Promise((resolve, reject) => {
      const connection = new Connection(options, isPublisher, onMessage, resolve);
      const socket = connect({ port: Number(options.port), host: '127.0.0.1', noDelay: true });
      connection.#socket = socket;
      socket.once('connect', () => socket.write(handshake(options, index, isPublisher)));
      socket.on('data', (bytes) => {
        onBytes(bytes.length);
        connection.#read(bytes);
      });
      socket.on('error', reject);
      socket.on('close', () => {
        if (connection.#state !== 'aborted') onFailed();
        reject(new Error(`connection ${index} was closed by the server`));
      });
    });
  }

  constructor(options, isPublisher, onMessage, onOpen) {
    this.#options = options;
    this.#isPublisher = isPublisher;
    this.#onMessage = onMessage;
    this.#onOpen = onOpen;
  }

  sendText(text) {
    this.#send(opcodes.text, Buffer.from(text));
  }

  abort() {
    this.#state = 'aborted';
    this.#socket.resetAndDestroy();
  }

  #send(opcode, payload) {
    const isLong = payload.length > 125;
    const head = Buffer.alloc(isLong ? 8 : 6);
    head[0] = 0x80 | opcode;
    head[1] = 0x80 | (isLong ? 126 : payload.length);
    if (isLong) head.writeUInt16BE(payload.length, 2);
    // A mask of zeros leaves the payload as it is.
    this.#socket.write(Buffer.concat([head, payload]));
  }

  #read(bytes) {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    if (this.#state === 'upgrading' && !this.#readHandshake()) return;
    for (let used = this.#readFrame(); used > 0; used = this.#readFrame()) this.#rest = this.#rest.subarray(used);
  }

  #readHandshake() {
    const end = this.#rest.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const answer = this.#rest.toString('latin1', 0, end);
    if (!answer.startsWith('HTTP/1.1 101')) throw new Error(`found "${answer}", expected the answer 101`);
    this.#rest = this.#rest.subarray(end + 4);
    this.#state = 'opening';
    const { hello, ready } = this.#options;
    for (const text of hello) this.sendText(text);
    if (this.#isPublisher || ready === '') this.#opened();
    return true;
  }

  /** Takes one frame; answers how many bytes it had, 0 while it is not complete. */
  #readFrame() {
    const { length } = this.#rest;
    if (length < 2) return 0;
    let [payload, at] = [this.#rest[1] & 0x7f, 2];
    if (payload > 125) {
      at = payload === 126 ? 4 : 10;
      if (length < at) return 0;
      payload = at === 4 ? this.#rest.readUInt16BE(2) : Number(this.#rest.readBigUInt64BE(2));
    }
    if (length < at + payload) return 0;
    const message = this.#rest.subarray(at, at + payload);
    const opcode = this.#rest[0] & 0x0f;
    if (opcode === opcodes.ping) this.#send(opcodes.pong, message);
    else if (opcode === opcodes.close) throw new Error(`the server closed: ${message.toString('utf8', 2)}`);
    else if (opcode !== opcodes.pong) this.#take(this.#rest[0] & compressed ? inflated(message) : message);
    return at + payload;
  }

  #take(message) {
    const { ready } = this.#options;
    if (this.#options['engine-io'] === '1' && message.length === 1 && message[0] === 0x32) return this.sendText('3');
    if (this.#isPublisher) {
      if (message.subarray(0, 40).includes('"error"')) throw new Error(`a publish was answered ${message}`);
      return;
    }
    if (this.#state === 'open') return this.#onMessage(this, message);
    if (message.includes(ready) && ++this.#readySeen === Number(this.#options['ready-count'])) this.#opened();
  }

  #opened() {
    if (this.#state === 'aborted') return;
    this.#state = 'open';
    this.#onOpen(this);
  }
}

/** The newest, since a frame that many viewers share comes many times. */
const known = [];

function inflated(deflated) {
  const same = known.find((one) => one.deflated.equals(deflated));
  if (same !== undefined) return same.text;
  const text = inflateRawSync(deflated, { finishFlush: constants.Z_SYNC_FLUSH });
  known.unshift({ deflated: Buffer.from(deflated), text });
  known.length = Math.min(known.length, 16);
  return text;
}

function handshake(options, index, isPublisher) {
  const { port, headers, 'token-header': tokenHeader } = options;
  const path = isPublisher ? options['publisher-path'] : options['viewer-path'];
  let credential = '';
  if (tokenHeader !== undefined) {
    tokens ??= readFileSync(options.tokens, 'utf8').trim().split('\n');
    // The publisher has the first token to itself.
    const token = isPublisher ? 0 : 1 + (index % Math.max(1, tokens.length - 1));
    credential = `${tokenHeader}${tokens[token % tokens.length]}\r\n`;
  }
  return (
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\nSec-WebSocket-Version: 13\r\n${headers}${credential}\r\n`
  );
}
