// What an agent may do, channel by channel, on a real socket: it writes its own channels and reads what is wanted of it,
// and nothing else. Every channel of the hub has a row.

import { describe, expect, it } from 'vitest';
import type { HubChannels } from '../channels.ts';
import { isWelcome } from '../testing/line.ts';
import { enrol, sampleOf, statusOf } from '../testing/test-agent.ts';
import { startTestHub } from '../testing/test-hub.ts';

const file = { file: 'app.log', title: '/var/log/app.log' };
const line = { type: 'line', at: 1, text: 'x' };
const process = { pid: 1, name: 'init', cpu: 0, rss: 1, user: 'root' };

interface Row {
  readonly channel: string;
  /** What is published, with a key where it is a table. */
  readonly data: unknown;
  readonly key?: string;
  /** What the agent `web-1` is answered: a result, or the code of an error. */
  readonly read: 'result' | number;
  readonly write: 'result' | number;
}

const key = 'k';
const rows: Readonly<Record<keyof HubChannels, readonly Row[]>> = {
  agents: [{ channel: 'agents', data: {}, key, read: 4403, write: 4403 }],
  agent: [
    { channel: 'agents/web-1', data: {}, key, read: 4403, write: 4403 },
    { channel: 'agents/web-2', data: {}, key, read: 4403, write: 4403 },
    { channel: 'agents/nobody', data: {}, key, read: 4404, write: 4404 },
  ],
  vitals: [{ channel: 'vitals', data: {}, key, read: 4403, write: 4403 }],
  metrics: [
    { channel: 'metrics/web-1', data: sampleOf(), read: 4403, write: 'result' },
    { channel: 'metrics/web-2', data: sampleOf(), read: 4403, write: 4403 },
    { channel: 'metrics/local', data: sampleOf(), read: 4403, write: 4403 },
    { channel: 'metrics/nobody', data: sampleOf(), read: 4404, write: 4404 },
  ],
  processes: [
    { channel: 'processes/web-1', data: process, key: '1', read: 4403, write: 'result' },
    { channel: 'processes/web-2', data: process, key: '1', read: 4403, write: 4403 },
    { channel: 'processes/local', data: process, key: '1', read: 4403, write: 4403 },
  ],
  logs: [
    { channel: 'logs/web-1/app.log', data: line, read: 4403, write: 'result' },
    { channel: 'logs/web-1/other.log', data: line, read: 4404, write: 4404 },
    { channel: 'logs/web-2/app.log', data: line, read: 4403, write: 4403 },
    { channel: 'logs/local/app.log', data: line, read: 4404, write: 4404 },
  ],
  control: [
    { channel: 'control/web-1', data: {}, key, read: 'result', write: 4403 },
    { channel: 'control/web-2', data: {}, key, read: 4403, write: 4403 },
    { channel: 'control/local', data: {}, key, read: 4403, write: 4403 },
  ],
  runs: [{ channel: 'runs', data: {}, key, read: 4403, write: 4403 }],
  run: [{ channel: `runs/${'a'.repeat(26)}`, data: line, read: 4404, write: 4404 }],
  chat: [
    { channel: 'chat/agent.web-1', data: { text: 'hello' }, read: 4403, write: 'result' },
    { channel: 'chat/agent.web-2', data: { text: 'hello' }, read: 4403, write: 4403 },
    { channel: 'chat/agent.nobody', data: { text: 'hello' }, read: 4404, write: 4404 },
    { channel: 'chat/general', data: { text: 'hello' }, read: 4403, write: 4403 },
  ],
  presence: [{ channel: 'presence/agent.web-1', data: {}, key, read: 4403, write: 4403 }],
  rooms: [{ channel: 'rooms', data: {}, key, read: 4403, write: 4403 }],
  user: [{ channel: 'user/me', data: {}, key, read: 4403, write: 4403 }],
  sessions: [{ channel: 'sessions', data: {}, key, read: 4403, write: 4403 }],
  refusals: [{ channel: 'refusals', data: {}, key, read: 4403, write: 4403 }],
  endings: [{ channel: 'endings', data: {}, key, read: 4403, write: 4403 }],
  attempts: [{ channel: 'attempts', data: {}, read: 4403, write: 4403 }],
};

const answer = (frame: Record<string, unknown>): unknown => (frame['type'] === 'error' ? frame['code'] : 'result');

describe('an agent', () => {
  it('[REP2] writes its own channels and reads what is wanted of it, and nothing else', async () => {
    const hub = await startTestHub();
    const [agent, other] = [await enrol(hub), await enrol(hub, 'web-2', 'another-machine-12')];
    const lines = [agent.line(), other.line()];
    for (const one of lines) {
      const told = await one.request({ type: 'call', method: 'agent.status', params: statusOf({ files: [file] }) });
      expect(told).toMatchObject({ type: 'result', data: {} });
    }
    const session = agent.line('');
    await session.next(isWelcome);
    for (const { channel, data, key: under, read, write } of Object.values(rows).flat()) {
      const subscribed = await session.request({ type: 'subscribe', channel });
      expect(answer(subscribed), `read ${channel}: ${JSON.stringify(subscribed)}`).toBe(read);
      const published = await session.request({
        type: 'publish',
        channel,
        data,
        ...(under === undefined ? {} : { key: under }),
      });
      expect(answer(published), `write ${channel}: ${JSON.stringify(published)}`).toBe(write);
    }
  });
});
