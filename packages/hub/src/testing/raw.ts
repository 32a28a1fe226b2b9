// Bytes to a hub as they are, for tests of what no HTTP client would send.

import { connect } from 'node:net';
import type { TestHub } from './test-hub.ts';

/** Sends bytes, and answers with what came back until the hub ended the connection. */
export function raw({ hub }: TestHub, bytes: string, host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(hub.port, host, () => socket.write(Buffer.from(bytes, 'latin1')));
    socket.setTimeout(5000, () => socket.destroy(new Error(`no end within 5 s; arrived: ${answer}`)));
    socket.on('data', (chunk) => (answer += String(chunk)));
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}
