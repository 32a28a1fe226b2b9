// Writes server frames of RFC 6455 section 5.2, unmasked, FIN set. Made here and not by the WebSocket library, so that one
// buffer, header included, can be handed to every socket that is to receive it, and a ping leaves with what it follows.

const text = 0x81;
/** RSV1 says that the payload is deflated (RFC 7692, 6). */
const compressedText = 0xc1;
const ping = 0x89;

/** One text frame whose payload is the given pieces, one after the other. */
export function textFrame(pieces: readonly Uint8Array[]): Buffer {
  return dataFrame(text, pieces);
}

/** One text frame for peers that agreed to inflate its payload. */
export function compressedTextFrame(deflated: Uint8Array): Buffer {
  return dataFrame(compressedText, [deflated]);
}

export function isCompressedFrame(frame: Buffer): boolean {
  return frame[0] === compressedText;
}

/** What a frame made here carries behind its header. */
export function payloadOf(frame: Buffer): Buffer {
  const length = frame[1] as number;
  return frame.subarray(length < 126 ? 2 : length === 126 ? 4 : 10);
}

function dataFrame(first: number, pieces: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const headerLength = length < 126 ? 2 : length < 65536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headerLength + length);
  frame[0] = first;
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
