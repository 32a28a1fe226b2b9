// Limits that differ by who connected: told, kept to, and checked.

import { describe, expect, it } from 'vitest';
import { createGateway } from '../gateway.ts';
import { startGateway, testToken } from '../testing/start-gateway.ts';
import type { GatewayOptions } from '../types.ts';

type LimitsFor = NonNullable<GatewayOptions['limitsFor']>;

const forOperators =
  (own: ReturnType<LimitsFor>): LimitsFor =>
  ({ scope }) =>
    scope === 'operator' ? own : {};
const operator = `/ws/?token=${testToken({ sub: 'agent', scope: 'operator' })}`;
const viewer = `/ws/?token=${testToken()}`;

describe('a session whose identity has limits of its own', () => {
  it('[SES15] is told them in welcome, and is held to them alone', async () => {
    const limits = { framesPerSecond: 1, frameBurst: 2, maxSubscriptions: 1 };
    const own = { framesPerSecond: 500, frameBurst: 300, byteBurst: 5000, maxSubscriptions: 2 };
    await using started = await startGateway({ limits, limitsFor: forOperators(own) });
    const [agent, page] = [started.connect(operator), started.connect(viewer)];
    const theirs = (await page.welcome()).limits;
    expect(theirs).toMatchObject(limits);
    expect((await agent.welcome()).limits).toEqual({ ...theirs, ...own });

    const ping = { type: 'unsubscribe', channel: 'log/a' };
    for (let n = 0; n < 100; n++) expect(await agent.request(ping)).toMatchObject({ type: 'result' });
    const answers = [await page.request(ping), await page.request(ping), await page.request(ping)];
    expect(answers.map(({ type }) => type)).toEqual(['result', 'result', 'error']);

    for (const channel of ['log/a', 'log/b']) await agent.subscribe(channel);
    expect(await agent.request({ type: 'subscribe', channel: 'log/c' })).toMatchObject({ code: 4429 });
    const large = { type: 'publish', channel: 'log/a', data: 'x'.repeat(5001) };
    expect(await agent.request(large)).toMatchObject({ code: 4429, retryable: true });
  });

  it('[SES6] ends 4000 when the application gives what is no limit, or throws; others do not notice', async () => {
    const failures: Record<string, LimitsFor> = {
      negative: () => ({ framesPerSecond: -1 }),
      foreign: () => ({ maxFrameBytes: 1e6 }) as object,
      throwing: () => {
        throw new Error('no such table');
      },
    };
    await using started = await startGateway({
      limitsFor: (identity) => (failures[identity.subject] ?? (() => ({})))(identity),
    });
    for (const sub of Object.keys(failures)) {
      const client = started.connect(`/ws/?token=${testToken({ sub })}`);
      expect((await client.closed).code, sub).toBe(4000);
    }
    await started.connect(viewer).welcome();
    const errors = started.logged
      .filter(({ level }) => level === 'error')
      .map(({ fields }) => fields as { err: Error });
    expect(errors.map(({ err }) => err.message)).toEqual([
      'limitsFor.framesPerSecond: found -1, expected a number above 0',
      'limitsFor.maxFrameBytes: found 1000000, expected one of maxDepth, maxSubscriptions, framesPerSecond, frameBurst, bytesPerSecond, byteBurst',
      'no such table',
    ]);
  });
});

describe('the limits of a gateway', () => {
  it('are refused at creation, all faults at once', () => {
    const limits = { maxDepth: 0, maxSession: 1 } as object;
    expect(() => createGateway({ channels: {}, limits })).toThrow(
      /^limits.maxDepth: found 0, expected a number above 0\nlimits.maxSession: found 1, expected one of maxFrameBytes, /,
    );
  });
});
