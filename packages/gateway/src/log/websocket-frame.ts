// Writes server frames of RFC 6455 section 5.2, unmasked, FIN set. Made here and not by the WebSocket library, so that one
// buffer, header included, can be handed to every socket that is to receive it, and a ping leaves with what it follows.

const text = 0x81;
const ping = 0x89;

/** One text frame whose payload is the given pieces, one after the other. */
export function textFrame(pieces: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const headerLength = length < 126 ? 2 : length < 65536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headerLength + length);
  frame[0] = text;
  if (length < 126) {
    frame[1] = length;
  } else if (length < 65536) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  let at = headerLength;
  for (const piece of pieces) {
    frame.set(piece, at);
    at += piece.length;
  }
  return frame;
}

/** One text frame of a value as JSON. */
export function jsonFrame(value: object): Buffer {
  return textFrame([Buffer.from(JSON.stringify(value))]);
}

/** A ping whose payload is one number of 32 bits, which its pong brings back. */
export function pingFrame(id: number): Buffer {
  const frame = Buffer.allocUnsafe(6);
  frame[0] = ping;
  frame[1] = 4;
  frame.writeUInt32BE(id, 2);
  return frame;
}
