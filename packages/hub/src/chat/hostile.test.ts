// Posts and names that mean harm: each is refused with a reason, or kept as the text it is, and nothing but it is changed.

import { describe, expect, it } from 'vitest';
import { mintToken } from '../accounts/access-token.ts';
import type { PresenceRow } from '../api.ts';
import { connect, isWelcome, rowThat } from '../testing/line.ts';
import { personAt, textsOf } from '../testing/test-chat.ts';
import { startTestHub, testSecret } from '../testing/test-hub.ts';
import { claims } from '../testing/tokens.ts';
import { checkText } from './chat-text.ts';
import { chatPost } from './chat-post.ts';

const validate = (data: unknown): unknown => {
  const result = chatPost['~standard'].validate(data);
  if (result instanceof Promise) throw new Error('found a promise, expected an answer at once');
  return result.issues === undefined ? result.value : result.issues.map(({ message }) => message);
};

/** Kept as they are: what shows them has to show text. */
const harmless = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '[x](javascript:alert(1))',
  '${7*7} {{7*7}} %{7*7}',
  "'; drop table rooms; --",
  '\u202eevil\u202c and \u2066isolated\u2069',
  'zero\u200bwidth\u200d',
  '__proto__',
  'e\u0301'.repeat(100),
  'Z\u0310\u0311\u0312\u0313\u0314algo',
  '👩‍👩‍👧‍👦',
  '@ada @__proto__ @constructor @everyone',
  '```\ncode\n```',
  'a\n\nb\tc',
  '\u05d0\u05d1 \u0627\u0644',
  '{"type":"publish"}',
  'x'.repeat(4000),
];

/** Of charts, each but a little off one that is taken. */
const drawn = { times: [1, 2], lines: [{ name: 'all', values: [1, null] }], unit: '%', top: 100, holes: [] };
const hostilePictures = [
  { ...drawn, times: [] },
  { ...drawn, times: [2, 1] },
  { ...drawn, times: [1, 2, 3] },
  { ...drawn, times: Array.from({ length: 121 }, (_, at) => at) },
  { ...drawn, lines: [] },
  { ...drawn, lines: [{ name: 'all', values: [1, '2'] }] },
  { ...drawn, lines: [{ name: '\u202eall', values: [1, 2] }] },
  { ...drawn, lines: [{ name: 'x'.repeat(121), values: [1, 2] }] },
  { ...drawn, band: { name: 'each', low: [1], high: [1] } },
  { ...drawn, top: 0 },
  { ...drawn, top: 1e300 },
  { ...drawn, lines: [{ name: 'all', values: [1, -1e300] }] },
  { ...drawn, holes: [{ from: 0, to: 1, reason: 'a\u0000b' }] },
  { ...drawn, href: 'javascript:alert(1)' },
  {
    ...drawn,
    times: Array.from({ length: 120 }, (_, at) => at),
    lines: Array.from({ length: 4 }, () => ({
      name: 'x',
      values: Array.from({ length: 120 }, () => -Number.MAX_VALUE),
    })),
  },
];

describe('what is posted', () => {
  it('is refused with a reason, or kept as the text it is', async () => {
    const hub = await startTestHub({ chatRate: 1000 });
    const ada = await personAt(hub, 'ada');
    for (const text of harmless) await ada.say(text);
    expect(textsOf(await ada.page())).toEqual(harmless);
    const refused: readonly string[] = [
      '{"text":"x","__proto__":{"type":"deleted","message":1}}',
      '{"text":"x","constructor":{"prototype":{"isAdmin":true}}}',
      '{"__proto__":{"text":"x"}}',
      '{"type":"__proto__","text":"x"}',
      '{"type":"constructor","text":"x"}',
      '{"type":null,"text":"x"}',
      '{"type":["said"],"text":"x"}',
      '{"type":"said"}',
      '{"text":{"toString":"x"}}',
      '{"text":["x"]}',
      '{"text":"x","from":{"subject":"root"}}',
      '{"text":"x","by":"root"}',
      '{"text":"x","mentions":["root"]}',
      '{"text":"x","editedAt":1}',
      '{"text":"x","deleted":{"at":1,"by":"root"}}',
      '{"text":"x","reply":"1"}',
      '{"text":"x","reply":0}',
      '{"text":"x","reply":1.5}',
      '{"text":"x","reply":1e400}',
      '{"text":"x","card":{"type":"chart","agent":"../..","chart":"cpu","from":0,"to":1}}',
      '{"text":"x","card":{"type":"run","run":"javascript:alert(1)"}}',
      '{"text":"x","card":{"type":"link","href":"javascript:alert(1)"}}',
      '{"text":"x","card":{"type":"run","run":"a","__proto__":{"x":1}}}',
      `{"text":"x","card":{"type":"lines","channel":"chat/secret","epoch":"a","from":1,"to":1,"lines":["x"]}}`,
      `{"text":"x","card":{"type":"lines","channel":"runs/a","epoch":"a","from":1,"to":1,"lines":${JSON.stringify(Array(21).fill('x'))}}}`,
      ...hostilePictures.map((picture) =>
        JSON.stringify({ text: 'x', card: { type: 'chart', agent: 'a', chart: 'cpu', from: 0, to: 1, picture } }),
      ),
      '{"type":"edited","message":1}',
      '{"type":"edited","message":1,"text":""}',
      '{"type":"deleted","message":-1}',
      '{"type":"reacted","message":1,"emoji":"__proto__","on":true}',
      '{"type":"reacted","message":1,"emoji":"👍","on":"yes"}',
      'null',
      '[]',
      '"x"',
      '1',
      JSON.stringify({ text: '🙂'.repeat(15_000) }),
    ];
    for (const [index, data] of refused.entries()) {
      ada.line.sendText(`{"type":"publish","id":${1000 + index},"channel":"chat/general","data":${data}}`);
      const answer = await ada.line.next(({ id }) => id === 1000 + index);
      expect(answer, data).toMatchObject({ type: 'error', code: 4400, retryable: false });
      expect(String(answer['message']).length, data).toBeGreaterThan(15);
    }
    expect(textsOf(await ada.page())).toEqual(harmless);
    expect(({} as { isAdmin?: boolean; x?: number }).isAdmin).toBeUndefined();
    // 64 kB of emoji are more than a frame may have: that ends the session, and nothing else.
    const other = await personAt(hub, 'eve');
    other.line.send({ type: 'publish', id: 1, channel: 'chat/general', data: { text: '🙂'.repeat(16_384) } });
    const why = 'found a message over 65536 bytes, expected at most that: send less in one';
    expect(await other.line.next(({ type }) => type === 'goodbye')).toMatchObject({ code: 1009, reason: why });
    expect(await other.line.closed()).toMatchObject({ code: 1009, reason: `frame-too-large: ${why}` });
    expect(await ada.say('still here')).toBe(harmless.length + 1);
  });

  it('loses what is no character, and the lines around it', () => {
    const clean = (text: string): unknown => {
      const checked = checkText(text);
      return checked.kind === 'text' ? checked.text : checked.why;
    };
    expect(clean('\r\n \r\n  a\r\nb\rc\u2028d  \n\n')).toBe('  a\nb\nc\nd');
    expect(clean('a\u0000b\u001b[31mc\u007f\u009b\ud800d\ufeff')).toBe('a\ufffdb\ufffd[31mc\ufffd\ufffd\ufffdd\ufffd');
    expect(clean('x'.repeat(4001))).toBe('too long by 1 character: found 4001, expected at most 4000');
    expect(clean('x'.repeat(100_000))).toBe('too long by 96000 characters: found 100000, expected at most 4000');
    expect(clean(`${' '.repeat(100)}x${' '.repeat(5000)}`)).toBe(`${' '.repeat(100)}x`);
  });

  it('takes a chart with its picture as it is drawn', () => {
    const card = { type: 'chart', agent: 'a', chart: 'cpu', from: 0, to: 1, picture: drawn };
    expect(validate({ text: 'x', card })).toEqual({ type: 'said', text: 'x', card });
  });

  it('takes a type that is left out for a text, and no other', () => {
    expect(validate({ text: ' x' })).toEqual({ type: 'said', text: ' x' });
    expect(validate({ type: 'said', text: 'x', reply: 3 })).toEqual({ type: 'said', text: 'x', reply: 3 });
    expect(validate({ type: undefined, text: 'x' })).toBeInstanceOf(Array);
  });
});

describe('a name that means harm', () => {
  it('is one plain line where the hub shows it, and who it is stays told by the id', async () => {
    const hub = await startTestHub();
    const watcher = await personAt(hub, 'ada');
    const names = ['\u202eada', 'ada\u200b', '<b>ada</b>', '__proto__', 'x'.repeat(256), '\u200b\u200d'];
    for (const [index, name] of names.entries()) {
      const line = connect(hub, '/ws/chat/general/', mintToken(claims({ subject: `eve-${index}`, name }), testSecret));
      const { identity } = (await line.next(isWelcome)) as { identity: { id: string } };
      const key = ['presence/general', identity.id] as const;
      const row = await rowThat<PresenceRow>(watcher.line, key, () => true);
      expect(row.subject).toBe(`eve-${index}`);
      // Whose name cannot be seen has none.
      expect(row.name === null).toBe(name === '\u200b\u200d');
      // oxlint-disable-next-line no-control-regex -- these are what must not be there
      expect(row.name ?? '').not.toMatch(/[\u0000-\u001f\u202e]/);
      expect([...(row.name ?? '')].length).toBeLessThanOrEqual(64);
    }
  });
});
