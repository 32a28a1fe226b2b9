// @vitest-environment happy-dom
import { describe, expect, it, vi } from 'vitest';
import { createTab, type Tab } from './tab.ts';

type Locks = NonNullable<Parameters<typeof createTab>[0]['locks']>;

/** The locks of one browser: each is one's until their page ends. */
function browser(slowAnswers = 0) {
  let slow = slowAnswers;
  const held = new Map<string, number>();
  const locksOf = (page: number): Locks =>
    ({
      request: async (name: string, { signal }: LockOptions, run: LockGrantedCallback<unknown>) => {
        if (held.has(name) || (slow -= 1) >= 0) {
          await new Promise((_resolve, reject) =>
            signal?.addEventListener('abort', () => reject(signal.reason as Error)),
          );
        }
        held.set(name, page);
        await run({ name, mode: 'exclusive' });
      },
      query: () => Promise.resolve({ held: [...held.keys()].map((name) => ({ name })), pending: [] }),
    }) as unknown as Locks;
  let pages = 0;
  let made = 0;
  return {
    open(storage: Storage = new Storage()): { readonly tab: Tab; readonly storage: Storage; end(): void } {
      const page = (pages += 1);
      return {
        tab: createTab({ storage, locks: locksOf(page), randomId: () => `tab${(made += 1)}` }),
        storage,
        end() {
          for (const [name, of] of held) if (of === page) held.delete(name);
        },
      };
    },
  };
}

describe('a tab', () => {
  it('has the same name after a reload, and is gone when it is closed', async () => {
    const { open } = browser();
    const [one, other] = [open(), open()];
    expect(await other.tab.here()).toEqual(new Set([one.tab.id, other.tab.id]));
    one.end();
    expect(await other.tab.here()).toEqual(new Set([other.tab.id]));
    const again = open(one.storage);
    expect(again.tab.id).toBe(one.tab.id);
    expect(await other.tab.here()).toEqual(new Set([one.tab.id, other.tab.id]));
  });

  it('that is the copy of another takes a name of its own', async () => {
    const { open } = browser();
    const one = open();
    const copied = new Storage();
    for (let index = 0; index < one.storage.length; index += 1) {
      const key = one.storage.key(index) ?? '';
      copied.setItem(key, one.storage.getItem(key) ?? '');
    }
    const copy = open(copied);
    await vi.waitFor(() => expect(copy.tab.id).not.toBe(one.tab.id), 3_000);
    expect(await one.tab.here()).toEqual(new Set([one.tab.id, copy.tab.id]));
    expect(open(copied).tab.id).toBe(copy.tab.id);
  });

  it('keeps its name where the browser is only slow to give it its lock', async () => {
    const { open } = browser(1);
    const { tab, storage } = open();
    const { id } = tab;
    await vi.waitFor(async () => expect((await tab.here())?.size).toBe(1), 3_000);
    expect([tab.id, await tab.here(), storage.getItem('telltale.tab')]).toEqual([id, new Set([id]), id]);
  });

  it('does not say which others are there where the browser has no locks', async () => {
    const tab = createTab({ storage: undefined, locks: undefined, randomId: () => 'tab' });
    expect([tab.id, await tab.here()]).toEqual(['tab', undefined]);
  });
});
