// What people have not read while the database answers nothing: it is asked again after a pause, and told of once.

import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { temporaryDirectory } from '../testing/directory.ts';
import { openStorageHere } from '../storage/storage.ts';
import { Inboxes } from './inboxes.ts';
import { Rooms } from './rooms.ts';

describe('a table of what somebody has not read', () => {
  it('that could not be begun is begun when the database answers again', async () => {
    const storage = await openStorageHere(temporaryDirectory());
    onTestFinished(() => storage.close());
    const clock = { now: 0 };
    const disk = { isDown: true, asked: 0 };
    const published: string[] = [];
    const errors: string[] = [];
    const log = { debug() {}, info() {}, warn() {}, error: (_fields: object, text: string) => errors.push(text) };
    const identity = { id: 'i', issuer: 'test', subject: 'ada', kind: 'user', scope: 'viewer' } as const;
    const gateway = {
      sessions: () => [{ identity }],
      publishBatch: async (_channel: string, items: readonly { readonly key: string }[]) => {
        published.push(...items.map(({ key }) => key));
        return { kind: 'published', position: { epoch: 'e', offset: published.length }, duplicate: false };
      },
    } as unknown as ReturnType<ConstructorParameters<typeof Inboxes>[0]['gateway']>;
    const rooms = new Rooms({
      storage,
      gateway: () => ({ ...gateway, rightsChanged() {} }) as never,
      issuer: 'test',
      hasSubject: () => false,
      log,
      now: Date.now,
    });
    await rooms.load();
    const inboxes = new Inboxes({
      storage: {
        ...storage,
        async inbox(...ask) {
          disk.asked++;
          if (disk.isDown) throw new Error('the disk is gone');
          return await storage.inbox(...ask);
        },
      },
      gateway: () => gateway,
      rooms,
      log,
      now: Date.now,
      monotonic: () => clock.now,
    });
    const tick = async (ms: number): Promise<void> => {
      clock.now += ms;
      inboxes.tick();
      await new Promise((resolve) => setImmediate(resolve));
    };
    inboxes.onInterest('user/i', true);
    await tick(0);
    for (let count = 0; count < 12; count++) await tick(250);
    expect(disk.asked, 'a pause between').toBeLessThanOrEqual(3);
    expect(errors).toHaveLength(1);
    disk.isDown = false;
    await tick(2_000);
    await vi.waitFor(() => expect(published).toContain('room:general'));
  });
});
