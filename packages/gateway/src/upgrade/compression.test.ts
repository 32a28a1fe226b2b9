import { describe, expect, it } from 'vitest';
import { startEdge } from '../testing/edge.ts';
import { signToken } from '../testing/tokens.ts';
import { acceptableOffer } from './compression.ts';

const plain = 'permessage-deflate';
const answered = 'server_no_context_takeover; client_no_context_takeover';

describe('[CMP1] an offer', () => {
  it.each([
    ['of a browser', `${plain}; client_max_window_bits`, `${plain}; client_max_window_bits`],
    ['without parameters', plain, plain],
    [
      'of Python',
      `${plain}; server_max_window_bits=12; client_max_window_bits=12`,
      `${plain}; server_max_window_bits=12; client_max_window_bits=12`,
    ],
    ['with a number in quotes', `${plain}; server_max_window_bits="15"`, `${plain}; server_max_window_bits=15`],
    ['with spaces beside it', `${plain}; server_max_window_bits = 12`, `${plain}; server_max_window_bits=12`],
    ['behind one that cannot be met', `${plain}; server_max_window_bits=9, ${plain}`, plain],
    ['behind another extension', `x-webkit-deflate-frame; a=1, ${plain} ;client_no_context_takeover`, undefined],
  ])('%s is taken', (_whose, header, expected) => {
    expect(acceptableOffer(header)).toBe(expected ?? `${plain}; client_no_context_takeover`);
  });

  it.each([
    undefined,
    '',
    'permessage-bzip2',
    `${plain}; server_max_window_bits=11`,
    `${plain}; server_max_window_bits`,
    `${plain}; server_max_window_bits=16`,
    `${plain}; client_max_window_bits=7`,
    `${plain}; client_max_window_bits=1e1`,
    `${plain}; client_max_window_bits; client_max_window_bits`,
    `${plain}; client_max_window_bits=10=3`,
    `${plain}; server_no_context_takeover=1`,
    `${plain}; something_new`,
    `${plain}; x="a, ${plain}, b"`,
    `${plain};`,
    ';,;=,"',
  ])('"%s" is left alone', (header) => {
    expect(acceptableOffer(header)).toBeUndefined();
  });
});

describe('[CMP1] the handshake', () => {
  const origin = 'https://ops.example.com';
  const production = { mode: 'production', allowedOrigins: [origin] } as const;
  const extensionsIn = (answer: string): string | undefined => /^Sec-WebSocket-Extensions: (.*)\r$/im.exec(answer)?.[1];

  it.each([
    [plain, `${plain}; ${answered}`],
    [`${plain}; client_max_window_bits`, `${plain}; ${answered}`],
    [`${plain}; server_max_window_bits=12`, `${plain}; server_max_window_bits=12; ${answered}`],
    [`${plain}; server_max_window_bits =12`, `${plain}; server_max_window_bits=12; ${answered}`],
    [`${plain}; server_max_window_bits=8`, undefined],
    ['foo, "bar', undefined],
    [undefined, undefined],
  ])('with the offer %s answers %s, and the session begins', async (offer, expected) => {
    await using edge = await startEdge({ ...production, compresses: true });
    const answer = await edge.handshake(`/ws/?token=${await signToken()}`, {
      Origin: origin,
      'Sec-WebSocket-Extensions': offer,
    });
    expect(extensionsIn(answer)).toBe(expected);
    expect(answer).toMatch(/^HTTP\/1\.1 101 [^]*"welcome"/);
  });

  it('takes up no offer where no channel is compressed, and none of somebody who is refused', async () => {
    const headers = { Origin: origin, 'Sec-WebSocket-Extensions': plain };
    await using without = await startEdge(production);
    expect(extensionsIn(await without.handshake(`/ws/?token=${await signToken()}`, headers))).toBeUndefined();
    await using edge = await startEdge({ ...production, compresses: true });
    const refused = await edge.handshake('/ws/', headers);
    expect(refused).toMatch(/^HTTP\/1\.1 101 [^]*"token-missing"/);
    expect(extensionsIn(refused)).toBeUndefined();
  });
});
