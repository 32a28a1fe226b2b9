// A WebSocket as the client is given one, for thousands in a process: on a bare TCP socket, where a library's costs more
// processor time than all that the client does with it. Whole frames without extensions, from a server on this machine.

import { get } from 'node:http';
import { connect } from 'node:net';
import { json } from 'node:stream/consumers';
import { clientFrame, FrameReader, upgradeRequest } from './frame-reader.mjs';

/** All sockets read into it, one after the other. */
const buffer = Buffer.allocUnsafe(64 * 1024);

const [text, close, ping, pong] = [1, 8, 9, 10];

export class LeanSocket {
  readyState = 0;
  protocol = '';
  onopen;
  onmessage;
  onclose;
  onerror;
  #socket;
  #said;

  constructor(url, protocols, { origin, localAddress } = {}) {
    const { hostname, port, host, pathname, search } = new URL(url);
    const reader = new FrameReader(
      (head) => this.#answered(head),
      (opcode, payload) => this.#take(opcode, payload),
    );
    const callback = (length) => {
      reader.take(buffer.subarray(0, length));
      return true;
    };
    this.#socket = connect({ host: hostname, port, localAddress, noDelay: true, onread: { buffer, callback } });
    this.#socket.on('error', () => this.onerror?.());
    this.#socket.on('close', () => this.#closed());
    const headers = { Origin: origin, 'Sec-WebSocket-Protocol': protocols.join(', ') };
    this.#socket.write(upgradeRequest({ host, target: pathname + search, headers }));
  }

  send(data) {
    if (this.readyState === 1) this.#socket.write(clientFrame(text, data));
  }

  close(code, reason) {
    if (this.readyState > 1) return;
    if (this.readyState === 0) this.#socket.destroy();
    else this.#socket.end(clientFrame(close, code === undefined ? '' : closing(code, reason ?? '')));
    this.readyState = 2;
  }

  #answered(head) {
    if (!head.startsWith('HTTP/1.1 101')) return void this.#socket.destroy();
    this.protocol = /^sec-websocket-protocol: (.*)$/im.exec(head)?.[1] ?? '';
    this.readyState = 1;
    this.onopen?.();
  }

  #take(opcode, payload) {
    if (opcode === close) return this.#closes(payload);
    if (this.readyState !== 1) return;
    if (opcode === text) this.onmessage?.({ data: payload.toString() });
    if (opcode === ping) this.#socket.write(clientFrame(pong, payload));
  }

  /** The server closes, or answers that we did. */
  #closes(payload) {
    const code = payload.length < 2 ? undefined : payload.readUInt16BE();
    this.#said = { code: code ?? 1005, reason: payload.toString('utf8', 2) };
    this.close(code);
  }

  #closed() {
    this.readyState = 3;
    this.onclose?.({ ...(this.#said ?? { code: 1006, reason: '' }), wasClean: this.#said !== undefined });
  }
}

/** Enough of `fetch` for the client to ask why it was ended, at little cost. */
export const leanFetch = (address, { signal }) =>
  new Promise((resolve, reject) => {
    get(address, { signal }, (response) => resolve({ json: () => json(response) })).on('error', reject);
  });

function closing(code, reason) {
  const bytes = Buffer.from(`  ${reason}`);
  bytes.writeUInt16BE(code);
  return bytes;
}
