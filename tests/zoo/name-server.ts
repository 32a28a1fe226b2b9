// A name server of the zoo: answers over UDP with what a function says, or not at all.

import { createSocket } from 'node:dgram';
import { isIP } from 'node:net';

export type NameAnswer =
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  | { readonly kind: 'unknown' | 'failure' | 'silence' };

export interface NameServer {
  /** For `--resolver`. */
  readonly address: string;
  end(): Promise<void>;
}

const codes = { addresses: 0, failure: 2, unknown: 3 } as const;

export async function startNameServer(answer: (type: 'A' | 'AAAA') => NameAnswer): Promise<NameServer> {
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    // The question begins after the head of 12 bytes: labels, an empty one, then type and class.
    const end = query.indexOf(0, 12) + 1;
    const found = answer(query.readUInt16BE(end) === 28 ? 'AAAA' : 'A');
    if (found.kind === 'silence') return;
    const addresses = found.kind === 'addresses' ? found.addresses : [];
    const head = Buffer.from(query.subarray(0, 12));
    head.writeUInt16BE(0x8180 | codes[found.kind], 2);
    head.writeUInt16BE(addresses.length, 6);
    head.writeUInt32BE(0, 8);
    const records = addresses.map((address) => {
      const bytes = isIP(address) === 4 ? Buffer.from(address.split('.').map(Number)) : loopback6;
      const record = Buffer.from([0xc0, 12, 0, bytes.length === 4 ? 1 : 28, 0, 1, 0, 0, 0, 60, 0, bytes.length]);
      return Buffer.concat([record, bytes]);
    });
    socket.send(Buffer.concat([head, query.subarray(12, end + 4), ...records]), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${socket.address().port}`,
    end: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

const loopback6 = Buffer.concat([Buffer.alloc(15), Buffer.from([1])]);
