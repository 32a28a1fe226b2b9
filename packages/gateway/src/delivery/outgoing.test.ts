import { describe, expect, it } from 'vitest';
import { compressedTextFrame, payloadOf, textFrame } from '../log/websocket-frame.ts';
import { Outgoing } from './outgoing.ts';

const [a, b, c] = [Buffer.from('a'), Buffer.from('bb'), Buffer.from('ccc')] as const;

describe('what a flush has for a session', () => {
  it('is one chain for all who get the same frames in the same order', () => {
    const empty = new Outgoing();
    const chain = empty.with(a).with(b);
    expect(empty.with(a).with(b)).toBe(chain);
    expect(empty.with(b).with(a)).not.toBe(chain);
    // Asked for in turns, as by sessions with different channels.
    expect(empty.with(a).with(c)).toBe(empty.with(a).with(c));
    expect(empty.with(a).with(b)).toBe(chain);
    expect(chain.bytes).toBe(3);
  });

  it('leaves frames alone for one session and joins them once for more', () => {
    const chain = new Outgoing().with(a).with(b).with(c);
    expect(chain.take()).toEqual([a, b, c]);
    const joined = chain.take();
    expect(joined.map(String)).toEqual(['abbccc']);
    expect(chain.take()).toBe(joined);
  });

  it('[DLV6] is one message for who takes several as one, made once, and compressed frames stay by themselves', () => {
    const [one, other] = ['{"a":1}', '{"b":2}'].map((text) => textFrame([Buffer.from(text)])) as [Buffer, Buffer];
    const chain = new Outgoing().with(one).with(other);
    const message = chain.takeAsMessage();
    expect(message.map((frame) => String(payloadOf(frame)))).toEqual(['[{"a":1},{"b":2}]']);
    expect(chain.takeAsMessage()).toBe(message);
    expect(chain.take(), 'others get the frames').toEqual([one, other]);
    const compressed = compressedTextFrame(Buffer.from([1]));
    const mixed = new Outgoing().with(one).with(compressed);
    expect(mixed.takeAsMessage()).toEqual([one, compressed]);
    const shared = mixed.takeAsMessage();
    expect(shared).toEqual([Buffer.concat([one, compressed])]);
    expect(mixed.takeAsMessage(), 'joined once for all').toBe(shared);
    expect(new Outgoing().with(one).takeAsMessage()).toEqual([one]);
  });

  it('copies nothing where there is one frame, and has nothing where there is none', () => {
    const single = new Outgoing().with(a);
    single.take();
    expect(single.take()[0]).toBe(a);
    expect(new Outgoing().take()).toEqual([]);
  });
});
