import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeClientFrame } from './decode-client-frame.ts';
import { decodeServerMessage } from './decode-server-frame.ts';

const decode = (value: unknown) => decodeClientFrame(typeof value === 'string' ? value : JSON.stringify(value), 32);
const once = { producer: 'p'.repeat(22), seq: 1 };

describe('a client frame', () => {
  it('is read when it is right', () => {
    const right = [
      { type: 'subscribe', id: 0, channel: 'a/b' },
      { type: 'subscribe', id: 1, channel: 'a', since: { epoch: 'e', offset: 0 } },
      { type: 'subscribe', id: 1, channel: 'a', since: { last: 5 } },
      { type: 'subscribe', id: 1, channel: 'a', since: { seconds: 1.5 } },
      { type: 'unsubscribe', id: 1, channel: 'a' },
      { type: 'publish', id: 1, channel: 'a', data: null },
      { type: 'publish', id: 1, channel: 'a', once, key: 'k', data: { deep: [1] } },
      { type: 'publish', id: 1, channel: 'a', batch: [{ data: 1 }, { key: 'k', data: 2 }] },
      { type: 'call', id: 1, method: 'run.cancel', params: {} },
      { type: 'authenticate', id: 1, token: 'x' },
      { type: 'ping', at: 1 },
      { type: 'pong', at: 1, time: 2 },
    ];
    for (const frame of right) expect(decode(frame), JSON.stringify(frame)).toEqual({ kind: 'frame', frame });
  });

  it('[FRM1] is refused with what was found and what was expected', () => {
    const wrong: [object, RegExp][] = [
      [{}, /found type nothing, expected subscribe/],
      [{ type: 'welcome', id: 1 }, /found type "welcome"/],
      [{ type: '__proto__', id: 1 }, /found type "__proto__"/],
      [{ type: 'subscribe', channel: 'a' }, /found id nothing/],
      [{ type: 'subscribe', id: 1.5, channel: 'a' }, /found id 1.5/],
      [{ type: 'subscribe', id: -1, channel: 'a' }, /found id -1/],
      [{ type: 'subscribe', id: 1, channel: 'A' }, /found channel "A", expected 1 to 4 parts/],
      [{ type: 'subscribe', id: 1, channel: ['a'] }, /found channel an array of 1/],
      [{ type: 'subscribe', id: 1, channel: 'a', since: { last: -1 } }, /found since an object/],
      [{ type: 'subscribe', id: 1, channel: 'a', since: { epoch: 'e', offset: Infinity } }, /found since/],
      [{ type: 'subscribe', id: 1, channel: 'a', since: 5 }, /found since 5/],
      [{ type: 'publish', id: 1, channel: 'a' }, /found data nothing/],
      [{ type: 'publish', id: 1, channel: 'a', data: 1, key: '' }, /found key ""/],
      [{ type: 'publish', id: 1, channel: 'a', data: 1, key: 'k'.repeat(257) }, /found key/],
      [{ type: 'publish', id: 1, channel: 'a', data: 1, batch: [] }, /found batch beside data/],
      [
        { type: 'publish', id: 1, channel: 'a', batch: [] },
        /found batch an array of 0, expected an array of 1 to 1000/,
      ],
      [{ type: 'publish', id: 1, channel: 'a', batch: [5] }, /found batch item 5/],
      [{ type: 'publish', id: 1, channel: 'a', data: 1, once: { producer: 'short', seq: 1 } }, /found once/],
      [{ type: 'publish', id: 1, channel: 'a', data: 1, once: { ...once, seq: 0 } }, /found once/],
      [{ type: 'call', id: 1, method: 'NO' }, /found method "NO"/],
      [{ type: 'authenticate', id: 1, token: 5 }, /found token "number"/],
      [{ type: 'ping' }, /found at nothing/],
    ];
    for (const [frame, reason] of wrong) {
      const decoded = decode(frame);
      expect(decoded.kind, JSON.stringify(frame)).toBe('invalid');
      expect((decoded as { reason: string }).reason).toMatch(reason);
    }
    for (const text of ['', '{', 'null', '[]', '5', '"x"', '\u0000'])
      expect(decode(text).kind, text).toBe('unparsable');
  });

  it('[FRM2] has only its known fields taken, so that no other form hides in one', () => {
    const forms: [object, object][] = [
      [{ last: 5, epoch: 'e', offset: {} }, { last: 5 }],
      [{ seconds: 5, epoch: 'E', offset: -1 }, { seconds: 5 }],
      [
        { epoch: 'e', offset: 1, last: 5, more: 1 },
        { epoch: 'e', offset: 1 },
      ],
    ];
    for (const [since, known] of forms) {
      expect(decode({ type: 'subscribe', id: 1, channel: 'a', since, more: 1 })).toEqual({
        kind: 'frame',
        frame: { type: 'subscribe', id: 1, channel: 'a', since: known },
      });
    }
  });

  it('[REF7] never shows a token in what it says', () => {
    for (const text of ['canary', '"canary"', '{"token":"canary"'])
      expect(JSON.stringify(decode(text))).not.toContain('canary');
    expect(JSON.stringify(decode({ type: 'authenticate', id: 1, token: { secret: 'canary' } }))).not.toContain(
      'canary',
    );
  });

  it('[FRM2] is read without the fields nobody knows', () => {
    const decoded = decode({
      type: 'publish',
      id: 1,
      channel: 'a',
      data: 1,
      from: { subject: 'root' },
      once: { ...once, extra: 1 },
      time: 5,
    });
    expect(decoded).toEqual({ kind: 'frame', frame: { type: 'publish', id: 1, channel: 'a', data: 1, once } });
  });

  it('[SES12] is refused when it nests too deep', () => {
    const nested = (depth: number): string =>
      `{"type":"publish","id":1,"channel":"a","data":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(decode(nested(31)).kind).toBe('frame');
    expect(decode(nested(32))).toMatchObject({
      kind: 'invalid',
      id: 1,
      reason: expect.stringContaining('nested deeper than 32'),
    });
    expect(decode(nested(20_000)).kind).toBe('invalid');
  });

  it('[SES4] never throws, whatever arrives', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), (text) => void decodeClientFrame(text, 32)),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => void decodeClientFrame(text, 32)),
      { numRuns: 2000 },
    );
    const field = fc.oneof(fc.anything(), fc.constantFrom('a', 1, null, once, { epoch: 'e', offset: 1 }));
    const frame = fc.record({
      type: fc.constantFrom('subscribe', 'unsubscribe', 'publish', 'call', 'authenticate', 'ping', 'pong', 'other'),
      id: field,
      channel: field,
      since: field,
      data: field,
      batch: field,
      once: field,
      token: field,
      at: field,
    });
    fc.assert(
      fc.property(frame, (value) => {
        let text: string | undefined;
        try {
          text = JSON.stringify(value);
        } catch {
          return; // A value JSON cannot hold never arrives.
        }
        if (text !== undefined) decodeClientFrame(text, 32);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a server frame', () => {
  const welcome = {
    type: 'welcome',
    protocol: 1,
    mode: 'development',
    session: 's',
    attempt: 'a',
    time: 1,
    heartbeatMs: 10_000,
    channels: ['a'],
    identity: { id: 'i', issuer: 't', subject: 'ada', kind: 'user', scope: 'viewer' },
    limits: {
      maxFrameBytes: 1,
      maxMessageBytes: 1,
      maxDepth: 1,
      maxSubscriptions: 1,
      framesPerSecond: 1,
      frameBurst: 1,
      bytesPerSecond: 1,
      byteBurst: 1,
    },
  };

  it('[FRM2] is read with fields a newer gateway adds', () => {
    const frames = [
      { ...welcome, news: 1 },
      { type: 'messages', channel: 'a', epoch: null, messages: [], to: 0 },
      {
        type: 'messages',
        channel: 'a',
        epoch: 'e',
        messages: [{ offset: 1, time: 1, data: null, extra: 1 }],
        to: 1,
        more: true,
        gap: { from: 1, to: 2 },
      },
      { type: 'refused', code: 4403, name: 'origin-not-allowed', retry: false, attempt: 'a' },
      { type: 'subscribed', channel: 'a', kind: 'table', start: 'reset', position: null },
      { type: 'goodbye', code: 1012, reason: '', retry: true, retryAfterMs: 5 },
    ];
    for (const frame of frames) expect(decodeServerMessage(JSON.stringify(frame))).toEqual([{ kind: 'frame', frame }]);
  });

  it('[DLV6] is one of several in a message that is an array, and each is judged by itself', () => {
    const ping = { type: 'ping', at: 1 };
    const decoded = decodeServerMessage(JSON.stringify([ping, { type: 'toString' }, [ping], ping]));
    expect(decoded.map(({ kind }) => kind)).toEqual(['frame', 'invalid', 'invalid', 'frame']);
    expect(decoded.at(-1)).toEqual({ kind: 'frame', frame: ping });
    expect(decodeServerMessage('[]')).toEqual([]);
  });

  it('[FRM3] is reported when it is wrong, never thrown', () => {
    const wrong = [
      { ...welcome, heartbeatMs: 0 },
      { ...welcome, identity: null },
      { type: 'messages', channel: 'a', epoch: 'e', messages: [{ offset: '1', time: 1, data: 1 }], to: 1 },
      { type: 'messages', channel: 'a', epoch: 'e', messages: {}, to: 1 },
      { type: 'toString' },
      { type: 'subscribed', channel: 'a', kind: 'queue', start: 'fresh', position: null },
      { type: 'error', code: 4400, message: 'm', retryable: 'yes' },
    ];
    for (const frame of wrong)
      expect(decodeServerMessage(JSON.stringify(frame)), JSON.stringify(frame)).toMatchObject([{ kind: 'invalid' }]);
    expect(decodeServerMessage('<html>')).toMatchObject([
      { kind: 'invalid', reason: expect.stringContaining('<html>') },
    ]);
    fc.assert(
      fc.property(fc.json(), (text) => void decodeServerMessage(text)),
      { numRuns: 1000 },
    );
  });
});
