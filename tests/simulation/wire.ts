// RFC 6455 as a peer reads and writes it: bytes to frames, frames to masked bytes. For the sockets of the simulation.

/** Opcodes of RFC 6455 section 5.2. */
export const opcodes: { readonly text: 1; readonly close: 8; readonly ping: 9; readonly pong: 10 } = {
  text: 1,
  close: 8,
  ping: 9,
  pong: 10,
};

export interface WireFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** One frame of a client. Its mask is zero, which is one of the masks there are. */
export function maskedFrame(opcode: number, payload: Buffer): Buffer {
  const length = payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : 10;
  const head = Buffer.alloc(length + 4);
  head[0] = 0x80 | opcode;
  if (length === 2) head[1] = 0x80 | payload.length;
  else if (length === 4) {
    head[1] = 0x80 | 126;
    head.writeUInt16BE(payload.length, 2);
  } else {
    head[1] = 0x80 | 127;
    head.writeBigUInt64BE(BigInt(payload.length), 2);
  }
  return Buffer.concat([head, payload]);
}

/** A close frame of a client. */
export function closeFrame(code: number, reason: string): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code);
  return maskedFrame(opcodes.close, Buffer.concat([head, Buffer.from(reason)]));
}

/** Takes bytes as they come and gives whole frames, behind the answer to the handshake. */
export class WireReader {
  #rest: Buffer = Buffer.alloc(0);
  #status: number | undefined;

  /** Status of the answer to the handshake; undefined: not here yet. */
  get status(): number | undefined {
    return this.#status;
  }

  *read(bytes: Buffer): Generator<WireFrame> {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    if (this.#status === undefined && !this.#readAnswer()) return;
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) yield frame;
  }

  #readAnswer(): boolean {
    const end = this.#rest.indexOf('\r\n\r\n');
    if (end < 0) return false;
    this.#status = Number(this.#rest.toString('latin1', 9, 12));
    this.#rest = this.#rest.subarray(end + 4);
    return true;
  }

  #next(): WireFrame | undefined {
    const rest = this.#rest;
    if (rest.length < 2 || this.#status !== 101) return undefined;
    const short = (rest[1] as number) & 127;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (rest.length < head) return undefined;
    const length = short < 126 ? short : short === 126 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2));
    if (rest.length < head + length) return undefined;
    this.#rest = rest.subarray(head + length);
    return { opcode: (rest[0] as number) & 15, payload: rest.subarray(head, head + length) };
  }
}
