import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closePayload, createFrameReader, type Frame, type FrameFault, writeFrame } from './frames.ts';

/** A server's frame: what the writer makes, without its mask. */
function unmasked(first: number, payload: Buffer): Buffer {
  const { length } = payload;
  const size = length < 126 ? [length] : length < 65_536 ? [126, length >> 8, length & 255] : [127, 0, 0, 0, 0];
  const head = Buffer.from([first, ...size]);
  if (length < 65_536) return Buffer.concat([head, payload]);
  const long = Buffer.alloc(4);
  long.writeUInt32BE(length);
  return Buffer.concat([head, long, payload]);
}

const read = (...parts: readonly Buffer[]): readonly (Frame | FrameFault)[] => {
  const reader = createFrameReader();
  return parts.flatMap((part) => reader.push(part));
};

const faultOf = (bytes: Buffer): string => {
  const [last] = read(bytes).slice(-1);
  return last !== undefined && 'fault' in last ? last.fault : 'none';
};

describe('the frame reader', () => {
  it('reads the same however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 300 }), { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat(600), { maxLength: 12 }),
        (texts, cuts) => {
          const bytes = Buffer.concat(texts.map((text) => unmasked(0x81, Buffer.from(text))));
          const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
          const parts = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
          const frames = read(...parts) as readonly Frame[];
          expect(frames.map(({ payload }) => payload.toString())).toEqual(texts);
        },
      ),
    );
  });

  it('joins fragments, and lets control frames pass between them', () => {
    const frames = read(
      unmasked(0x01, Buffer.from('one ')),
      unmasked(0x89, Buffer.from('ping')),
      unmasked(0x00, Buffer.from('two ')),
      unmasked(0x80, Buffer.from('three')),
    );
    expect(frames).toMatchObject([{ opcode: 'ping' }, { opcode: 'text', size: 13 }]);
    expect(String((frames[1] as Frame).payload)).toBe('one two three');
  });

  it('keeps the beginning of a message that is very large, and its size', () => {
    const [frame] = read(unmasked(0x82, Buffer.alloc(600_000, 7))) as readonly Frame[];
    expect(frame?.size).toBe(600_000);
    expect(frame?.payload.length).toBe(64 * 1024);
  });

  it('keeps no more of one that comes in many fragments', () => {
    const part = Buffer.alloc(20_000, 97);
    const middle = Array.from({ length: 20 }, () => unmasked(0x00, part));
    const [frame] = read(unmasked(0x01, part), ...middle, unmasked(0x80, part)) as readonly Frame[];
    expect(frame?.size).toBe(22 * 20_000);
    expect(frame?.payload.length).toBe(64 * 1024);
  });

  it.each([
    ['masked', writeFrame('text', Buffer.from('hi'))],
    ['reserved-bits', Buffer.from('<html>')],
    ['opcode', Buffer.from([0x83, 0])],
    ['control', Buffer.from([0x09, 0])],
    ['control', Buffer.from([0x88, 126, 0, 126])],
    ['fragments', unmasked(0x80, Buffer.from('of nothing'))],
    ['fragments', Buffer.concat([unmasked(0x01, Buffer.from('a')), unmasked(0x81, Buffer.from('b'))])],
    ['not-utf8', unmasked(0x81, Buffer.from([0xff, 0xfe]))],
    ['close-code', unmasked(0x88, closePayload(1006))],
    ['close-code', unmasked(0x88, closePayload(999))],
    ['close-code', unmasked(0x88, Buffer.from([3]))],
    ['none', unmasked(0x88, closePayload(4401, 'why'))],
    ['none', unmasked(0x88, Buffer.alloc(0))],
  ])('finds %s', (fault, bytes) => {
    expect(faultOf(bytes)).toBe(fault);
  });

  it('reads nothing behind a fault', () => {
    expect(read(Buffer.from('<html>'), unmasked(0x81, Buffer.from('hi')))).toHaveLength(1);
  });
});
