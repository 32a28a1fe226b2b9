// The embedding guide, run as it stands: its modules are written down, imported in order, and do what the text says.
// Only the port is filled in.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { join } from 'node:path';
import type { Gateway } from '@telltale/gateway';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort, root } from './support/hub-process.ts';
import { openPlainSocket } from './support/plain-socket.ts';
import { readSnippets } from './support/snippets.ts';
import { until } from './support/until.ts';

// Inside the repository, so that its modules are found.
const folder = join(root, '.cache', `embedding-${process.pid}`);
const blocks = readSnippets('docs/embedding.md').filter(({ language }) => language === 'ts');
let port = 0;
let server: Server;
let gateway: Gateway;

/** The block with these words in it, as a module. */
async function run(words: string, preamble = ''): Promise<unknown> {
  const [block, ...more] = blocks.filter(({ code }) => code.includes(words));
  if (block === undefined || more.length > 0) throw new Error(`found ${more.length} more blocks with "${words}"`);
  const name = /^as (\S+)$/.exec(block.directive ?? '')?.[1] ?? `line-${block.line}.ts`;
  writeFileSync(join(folder, name), `${preamble}\n${block.code.replaceAll('3000', String(port))}`);
  return await import(/* @vite-ignore */ join(folder, name));
}

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  port = await freePort();
  await run('export const channels');
  ({ server, gateway } = (await run('export const gateway')) as { server: Server; gateway: Gateway });
  if (!server.listening) await new Promise((resolve) => server.once('listening', resolve));
  expect((server.address() as AddressInfo).port).toBe(port);
});
afterAll(async () => {
  await gateway?.stop({ returnWindowMs: 0 });
  await new Promise((resolve) => server?.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

describe('the embedding guide', () => {
  it('publishes what fits and refuses what does not, as a value', async () => {
    await run("await gateway.publish('orders'");
    const { messages: rows } = await gateway.read('orders');
    expect(rows.filter(({ data }) => data !== null)).toMatchObject([{ key: 'order-17', data: { state: 'paid' } }]);
    expect((await gateway.read('log/web-1')).messages).toMatchObject([{ data: { level: 'info', text: 'started' } }]);
  });

  it('gives a plain client the channel of its endpoint', async () => {
    using socket = openPlainSocket(`ws://localhost:${port}/ws/orders/`);
    const frame = await socket.frame('messages', ({ messages }) => messages.length > 0);
    expect(frame.messages).toMatchObject([{ key: 'order-17', data: { customer: 'Mara', state: 'paid' } }]);
  });

  it('connects without React, reads the table, and hears why its publish was refused', async () => {
    const told = vi.spyOn(console, 'info').mockImplementation(() => {});
    await run('createConnection', 'const mint = async (): Promise<string | undefined> => undefined;');
    await until(
      'the state, the row and the outcome',
      () => JSON.stringify(told.mock.calls),
      (text) => ['"open"', '"order-17"', '"refused"', '"closed"'].every((word) => text.includes(word)),
    );
    told.mockRestore();
  });

  it('takes a publish over HTTP from nobody without a token', async () => {
    await run("server.on('request'");
    const answer = await fetch(`http://localhost:${port}/publish`, { method: 'POST', body: '{}' });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/./) as string });
  });

  it('reads the rules again and ends whom it names, and nobody else', async () => {
    using socket = openPlainSocket(`ws://localhost:${port}/ws/orders/`);
    await socket.frame('subscribed');
    const before = process.listeners('SIGTERM');
    await run('gateway.rightsChanged');
    for (const listener of process.listeners('SIGTERM')) {
      if (!before.includes(listener)) process.removeListener('SIGTERM', listener);
    }
    expect([...gateway.sessions()].map(({ channels }) => channels)).toContainEqual(['orders']);
  });

  it('declares who may connect in options that are taken', async () => {
    const imports = "import { channels } from './channels.ts';";
    vi.stubEnv('SECRET', 'Vq3-x8!Lm2zR7tY4wB9nK6cJ1dF5gH0p');
    await run('HS256 tokens that', imports);
    await run('Tokens of an identity provider', imports);
    await run('async verify', `${imports} const keys = { find: async () => undefined };`);
    await run('onSession(session)', `${imports} import { pino } from 'pino';`);
    vi.unstubAllEnvs();
  });
});
