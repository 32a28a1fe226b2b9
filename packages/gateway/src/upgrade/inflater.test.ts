// What peers send compressed, good and bad, byte by byte, over real sockets.

import type { Socket } from 'node:net';
import { queryObjects } from 'node:v8';
import { constants, createInflateRaw, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { connectTo, type Edge, handshakeText, startEdge, until } from '../testing/edge.ts';
import { signToken } from '../testing/tokens.ts';
import { stopInflating } from './inflater.ts';

const maxFrameBytes = 64 * 1024;

/** Bits of a frame's first byte. */
const bits = { last: 0x80, compressed: 0x40, text: 0x01, ping: 0x09 } as const;

const InflateRaw = createInflateRaw().constructor;

/** What the server made of it. */
interface Peer extends Disposable {
  readonly socket: Socket;
  /** Texts that the session received, as its echo brings them back. */
  readonly texts: string[];
  closedWith: number | undefined;
}

function deflated(text: string | Buffer): Buffer {
  return deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}

/** A frame of a client, masked with zeros. */
function frame(first: number, payload: Buffer): Buffer {
  const { length } = payload;
  const header = Buffer.alloc(length < 126 ? 6 : 8);
  header[0] = first;
  header[1] = 0x80 | Math.min(length, 126);
  if (length >= 126) header.writeUInt16BE(length, 2);
  return Buffer.concat([header, payload]);
}

const compressed = (payload: Buffer): Buffer => frame(bits.last | bits.compressed | bits.text, payload);

async function peerOf(edge: Edge): Promise<Peer> {
  const socket = await connectTo(edge.port);
  const peer: Peer = { socket, texts: [], closedWith: undefined, [Symbol.dispose]: () => socket.destroy() };
  let rest: Buffer = Buffer.alloc(0);
  let isUpgraded = false;
  socket.on('error', () => {});
  socket.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    if (!isUpgraded) {
      const end = rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      isUpgraded = true;
      rest = rest.subarray(end + 4);
    }
    rest = readServerFrames(rest, peer);
  });
  const headers = { 'Sec-WebSocket-Extensions': 'permessage-deflate' };
  socket.write(handshakeText(`/ws/?token=${await signToken()}`, headers, edge.port));
  await until(
    () => peer.texts.length === 1,
    () => 'no welcome',
  );
  peer.texts.length = 0;
  return peer;
}

function readServerFrames(bytes: Buffer, peer: Peer): Buffer {
  let at = 0;
  while (bytes.length >= at + 2) {
    const short = bytes[at + 1] as number;
    const header = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (bytes.length < at + header) break;
    const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : bytes.readUInt32BE(at + 6);
    if (bytes.length < at + header + length) break;
    const payload = bytes.subarray(at + header, at + header + length);
    const first = bytes[at] as number;
    if (first === 0x88) peer.closedWith = payload.length < 2 ? 1005 : payload.readUInt16BE();
    else if (first === 0x81) peer.texts.push(payload.toString());
    else throw new Error(`found a frame that begins with ${first.toString(16)}`);
    at += header + length;
  }
  return bytes.subarray(at);
}

const edgeOf = (): Promise<Edge> => startEdge({ compresses: true, limits: { maxFrameBytes } });

const heard = (peer: Peer, count: number): Promise<void> =>
  until(
    () => peer.texts.length >= count,
    () => `${peer.texts.length} of ${count} texts, closed ${peer.closedWith}`,
  );

const closed = (peer: Peer): Promise<void> =>
  until(
    () => peer.closedWith !== undefined,
    () => 'not closed',
  );

describe('[CMP4] what a client compresses', () => {
  it('is read whole and in order, beside what it does not compress, in one packet or in pieces', async () => {
    await using edge = await edgeOf();
    using peer = await peerOf(edge);
    const texts = Array.from({ length: 50 }, (_, index) => `${index} ${'é'.repeat(index * 20)}`);
    const frames = texts.map((text, index) =>
      index % 3 === 0 ? frame(bits.last | bits.text, Buffer.from(text)) : compressed(deflated(text)),
    );
    const bytes = Buffer.concat(frames);
    peer.socket.write(bytes.subarray(0, 1001));
    await heard(peer, 3);
    peer.socket.write(bytes.subarray(1001));
    await heard(peer, texts.length);
    expect(peer.texts).toEqual(texts);
  });

  it('may come in fragments, with a ping between them, and as a block that says it is the last', async () => {
    await using edge = await edgeOf();
    using peer = await peerOf(edge);
    const text = 'a text in three parts '.repeat(100);
    const payload = deflated(text);
    peer.socket.write(
      Buffer.concat([
        frame(bits.compressed | bits.text, payload.subarray(0, 5)),
        frame(0, payload.subarray(5, 10)),
        frame(bits.last, payload.subarray(10)),
        // RFC 7692, 7.2.3.4
        compressed(Buffer.from('f348cdc9c9070000', 'hex')),
        compressed(deflated('')),
      ]),
    );
    await heard(peer, 3);
    expect(peer.texts).toEqual([text, 'Hello', '']);
  });

  it('may be as long as a frame that is not', async () => {
    await using edge = await edgeOf();
    using peer = await peerOf(edge);
    peer.socket.write(compressed(deflated('a'.repeat(maxFrameBytes))));
    await heard(peer, 1);
    expect(peer.texts[0]).toHaveLength(maxFrameBytes);
  });

  it.each([
    ['a byte longer', deflated(Buffer.alloc(maxFrameBytes + 1, 'a')), 1009],
    ['a bomb of 64 MiB', deflated(Buffer.alloc(64 * 1024 * 1024)), 1009],
    ['no deflate', Buffer.from('07ffffffffff', 'hex'), 1007],
    ['what refers to before its beginning', Buffer.from('4b04a200', 'hex'), 1007],
    ['no UTF-8', deflated(Buffer.from([0xc3, 0x28])), 1007],
  ])('and is %s closes with its code, and nobody else notices', async (_what, payload, code) => {
    await using edge = await edgeOf();
    using other = await peerOf(edge);
    using peer = await peerOf(edge);
    peer.socket.write(compressed(payload));
    await closed(peer);
    expect(peer.closedWith).toBe(code);
    other.socket.write(compressed(deflated('still here')));
    await heard(other, 1);
    expect(other.texts).toEqual(['still here']);
  });

  it('holds nobody up, however much comes out of one packet', async () => {
    await using edge = await edgeOf();
    using other = await peerOf(edge);
    using peer = await peerOf(edge);
    const one = compressed(deflated('a'.repeat(maxFrameBytes)));
    const count = Math.floor(maxFrameBytes / one.length);
    expect(count).toBeGreaterThan(500);
    peer.socket.write(Buffer.concat(Array.from({ length: count }, () => one)));
    await heard(peer, 1);
    other.socket.write(compressed(deflated('still here')));
    await heard(other, 1);
    expect(peer.texts.length, 'messages of the flood before the other one').toBeLessThan(count / 2);
    expect(peer.closedWith).toBeUndefined();
    await heard(peer, count);
  });

  it('is not inflated for a session that is over', async () => {
    const lengths: number[] = [];
    await using edge = await startEdge({
      compresses: true,
      limits: { maxFrameBytes },
      accept: ({ ws }) => {
        ws.on('message', (text: Buffer) => {
          lengths.push(text.length);
          stopInflating(ws);
          ws.close(4408, 'over');
        });
        ws.send('welcome');
      },
    });
    using peer = await peerOf(edge);
    const one = compressed(deflated('a'.repeat(maxFrameBytes)));
    peer.socket.write(Buffer.concat(Array.from({ length: 100 }, () => one)));
    await closed(peer);
    await until(
      () => lengths.length === 100,
      () => `${lengths.length} messages`,
    );
    expect(peer.closedWith).toBe(4408);
    expect(lengths.filter((length) => length > 0)).toEqual([maxFrameBytes]);
  });

  it('closes 1002 where compression is only claimed, or claimed by a frame that cannot be', async () => {
    await using edge = await edgeOf();
    using peer = await peerOf(edge);
    peer.socket.write(frame(bits.last | bits.compressed | bits.ping, Buffer.from('x')));
    await closed(peer);
    expect(peer.closedWith).toBe(1002);
  });

  it('leaves no inflater behind, however many have sent something', async () => {
    await using edge = await edgeOf();
    const peers = await Promise.all(Array.from({ length: 20 }, () => peerOf(edge)));
    for (const { socket } of peers) socket.write(compressed(deflated('hello')));
    await Promise.all(peers.map((peer) => heard(peer, 1)));
    const held = queryObjects(InflateRaw, { format: 'count' });
    for (const peer of peers) peer[Symbol.dispose]();
    expect(held).toBe(0);
  });
});
