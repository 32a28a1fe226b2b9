// Viewers that stop reading cost the process their bounded socket buffers and nothing else, and each ends exactly right
// when it reads on. The gateway runs in this process, so that its memory can be read; the viewers in another.

import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { createGateway, stream, table } from '@telltale/gateway';

const isLong = process.env['TELLTALE_TEST_LONG'] === '1';
const viewers = isLong ? 200 : 40;
const megabytes = isLong ? 100 : 20;

interface Report {
  readonly streams: number;
  readonly missed: number;
  readonly faults: string[];
  readonly rows: number;
  readonly newest: number;
}

it(`[DLV2] [DLV3] [RES3] ${viewers} stalled viewers while ${megabytes} MB are published, and each ends exactly right`, async () => {
  const all = (): boolean => true;
  const gateway = createGateway({
    channels: {
      log: stream('log', { read: all, retention: { count: 1e6, bytes: 16 * 1024 * 1024 } }),
      values: table('values', { read: all }),
    },
    limits: { maxSessionsPerAddress: 1000, stalledMs: 300_000, pingMs: 300_000 },
  });
  const server = createServer();
  gateway.attach(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const child = fork(fileURLToPath(new URL('stalled-viewers.child.mjs', import.meta.url)), [
    String(port),
    String(viewers),
  ]);
  const told = (what: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const listener = (message: { what: string; value: unknown }): void => {
        if (message.what !== what) return;
        child.off('message', listener);
        resolve(message.value);
      };
      child.on('message', listener);
      child.once('exit', (code) => reject(new Error(`the viewers ended with ${code} before "${what}"`)));
    });
  try {
    await told('stalled');
    const text = 'x'.repeat(1000);
    const messages = megabytes * 1000;
    const before = process.memoryUsage();
    let peak = 0;
    for (let n = 1; n <= messages; n++) {
      await gateway.publish('log', { n, text });
      await gateway.publish('values', { n }, { key: `k${n % 50}` });
      if (n % 200 === 0) {
        await new Promise((resolve) => setImmediate(resolve));
        const { rss } = process.memoryUsage();
        peak = Math.max(peak, rss - before.rss);
      }
    }
    const unanswered = [...gateway.sessions()].map((session) => session.unansweredBytes);
    // A window each, and the frame that filled it.
    expect(Math.max(...unanswered)).toBeLessThanOrEqual((512 + 128) * 1024);
    const buffered = unanswered.reduce((sum, bytes) => sum + bytes, 0);
    console.log(
      `${viewers} stalled viewers, ${megabytes} MB published: ${Math.round(buffered / 2 ** 20)} MB unanswered, ` +
        `process grew by ${Math.round(peak / 2 ** 20)} MB at most`,
    );
    // The log (16 MiB and its entries), the windows, and what a garbage collector leaves lying about.
    expect(peak).toBeLessThan(16 * 1024 * 1024 * 4 + buffered + 150 * 1024 * 1024);
    child.send({ what: 'read on' });
    const reports = (await told('reports')) as Report[];
    expect(reports).toHaveLength(viewers);
    for (const report of reports) {
      expect(report.faults).toEqual([]);
      expect(report.streams + report.missed).toBe(messages);
      expect(report.newest).toBe(messages);
      expect(report.rows).toBe(50);
    }
    expect(reports.some(({ missed }) => missed > 0)).toBe(true);
  } finally {
    child.kill();
    await gateway.stop({ returnWindowMs: 0 });
    server.closeAllConnections();
    server.close();
  }
});
