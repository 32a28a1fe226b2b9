// WebSocket frames as bytes (RFC 6455 section 5): a strict reader that names the first fault, as a browser would fail on
// it, and a writer that masks. Pure; the line feeds it.

import { randomBytes } from 'node:crypto';

export type Opcode = 'continuation' | 'text' | 'binary' | 'close' | 'ping' | 'pong';

const opcodes: Readonly<Record<number, Opcode>> = {
  0: 'continuation',
  1: 'text',
  2: 'binary',
  8: 'close',
  9: 'ping',
  10: 'pong',
};

/** A whole message or a control frame. */
export interface Frame {
  readonly opcode: Exclude<Opcode, 'continuation'>;
  /** Cut at `keptBytes`. */
  readonly payload: Buffer;
  /** Bytes on the wire, all fragments together. */
  readonly size: number;
}

/** What no browser takes. */
export interface FrameFault {
  readonly fault: 'masked' | 'reserved-bits' | 'opcode' | 'control' | 'fragments' | 'not-utf8' | 'close-code';
  /** What was found, in words. */
  readonly found: string;
}

export interface FrameReader {
  /** Takes bytes as they come; answers with what they complete. After a fault nothing more is read. */
  push(bytes: Buffer): readonly (Frame | FrameFault)[];
}

/** As much of a message as is kept. */
const keptBytes = 64 * 1024;

interface Head {
  readonly opcode: Opcode;
  readonly isFinal: boolean;
  readonly length: number;
  readonly headBytes: number;
}

export function createFrameReader(): FrameReader {
  let buffer = Buffer.alloc(0);
  let current: { head: Head; parts: Buffer[]; missing: number } | undefined;
  let message: { opcode: 'text' | 'binary'; parts: Buffer[]; size: number } | undefined;
  let isBroken = false;

  /** Takes payload of the frame under way; true when it is whole. */
  function fill(frame: NonNullable<typeof current>): boolean {
    const part = buffer.subarray(0, frame.missing);
    buffer = buffer.subarray(part.length);
    frame.missing -= part.length;
    const kept = frame.parts.reduce((sum, { length }) => sum + length, 0);
    if (kept < keptBytes) frame.parts.push(part.subarray(0, keptBytes - kept));
    return frame.missing === 0;
  }

  function complete({ head, parts }: NonNullable<typeof current>): Frame | FrameFault | undefined {
    const payload = Buffer.concat(parts);
    const { opcode, isFinal, length: size } = head;
    if (opcode === 'close') return closeFault(payload) ?? { opcode, payload, size };
    if (opcode === 'ping' || opcode === 'pong') return { opcode, payload, size };
    if (opcode === 'continuation') {
      if (message === undefined) return { fault: 'fragments', found: 'a continuation of no message' };
      if (message.size < keptBytes) message.parts.push(payload.subarray(0, keptBytes - message.size));
      message.size += size;
    } else {
      if (message !== undefined) return { fault: 'fragments', found: 'a new message inside a fragmented one' };
      message = { opcode, parts: [payload], size };
    }
    if (!isFinal) return undefined;
    const whole = message;
    message = undefined;
    const all = Buffer.concat(whole.parts);
    // What was cut may be cut inside a character.
    if (whole.opcode === 'text' && whole.size <= keptBytes && !isUtf8(all)) {
      return { fault: 'not-utf8', found: 'a text message that is not UTF-8' };
    }
    return { opcode: whole.opcode, payload: all, size: whole.size };
  }

  return {
    push(bytes) {
      const done: (Frame | FrameFault)[] = [];
      buffer = Buffer.concat([buffer, bytes]);
      while (!isBroken) {
        if (current === undefined) {
          const head = readFrameHead(buffer);
          if (head === undefined) break;
          if ('fault' in head) {
            isBroken = true;
            done.push(head);
            break;
          }
          buffer = buffer.subarray(head.headBytes);
          current = { head, parts: [], missing: head.length };
        }
        if (!fill(current)) break;
        const frame = complete(current);
        current = undefined;
        if (frame === undefined) continue;
        done.push(frame);
        isBroken = 'fault' in frame;
      }
      return done;
    },
  };
}

function readFrameHead(bytes: Buffer): Head | FrameFault | undefined {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return undefined;
  if ((first & 0x70) !== 0) {
    return { fault: 'reserved-bits', found: `reserved bits in a frame that begins with ${shownBytes(bytes)}` };
  }
  const opcode = opcodes[first & 0x0f];
  if (opcode === undefined) return { fault: 'opcode', found: `a frame of the unknown kind ${first & 0x0f}` };
  if ((second & 0x80) !== 0) return { fault: 'masked', found: 'a masked frame, which only clients send' };
  const isFinal = (first & 0x80) !== 0;
  const short = second & 0x7f;
  if ((first & 0x08) !== 0 && (!isFinal || short > 125)) {
    return { fault: 'control', found: `a ${opcode} that is ${isFinal ? 'longer than 125 bytes' : 'fragmented'}` };
  }
  const headBytes = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (bytes.length < headBytes) return undefined;
  const length =
    short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : (short as number);
  return { opcode, isFinal, length, headBytes };
}

function closeFault(payload: Buffer): FrameFault | undefined {
  if (payload.length === 0) return undefined;
  const code = payload.length === 1 ? 0 : payload.readUInt16BE(0);
  const isAllowed =
    (code >= 1000 && code < 1015 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code < 5000);
  return isAllowed ? undefined : { fault: 'close-code', found: `a close with the code ${code}, which nobody may send` };
}

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** The first bytes as a person reads them: as text where they are some. */
function shownBytes(bytes: Buffer): string {
  const text = bytes.subarray(0, 16).toString('latin1');
  return /^[\x20-\x7e\r\n\t]+$/.test(text) ? JSON.stringify(text) : bytes.subarray(0, 8).toString('hex');
}

/** One masked, unfragmented frame. */
export function writeFrame(opcode: 'text' | 'ping' | 'pong' | 'close', payload: Buffer): Buffer {
  const code = Number(Object.keys(opcodes).find((key) => opcodes[Number(key)] === opcode));
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = 0x80 | code;
  if (length < 126) head[1] = 0x80 | length;
  else if (length < 65_536) {
    head[1] = 0x80 | 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 0x80 | 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  const mask = randomBytes(4);
  const masked = Buffer.from(payload);
  for (let index = 0; index < length; index++) masked[index] = masked[index]! ^ mask[index & 3]!;
  return Buffer.concat([head, mask, masked]);
}

/** The payload of a close frame. */
export function closePayload(code: number, reason = ''): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(code);
  return Buffer.concat([bytes, Buffer.from(reason)]);
}
