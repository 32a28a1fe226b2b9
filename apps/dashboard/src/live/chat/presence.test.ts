import type { HeldMessage, Store, TableSnapshot } from '@telltale/client';
import type { PresenceRow } from '@telltale/hub/api';
import { describe, expect, it } from 'vitest';
import { createPresence } from './presence.ts';

type Snapshot = TableSnapshot<PresenceRow>;

/** A room whose table is put by hand, and a clock that stands still. */
function room() {
  let snapshot: Snapshot = { rows: [], freshness: { kind: 'live' }, denied: undefined, acknowledgeGap() {} };
  let tell = (): void => {};
  let timers: (() => void)[] = [];
  const table: Store<Snapshot> = {
    getSnapshot: () => snapshot,
    subscribe(listener) {
      tell = listener;
      return () => (tell = () => {});
    },
  };
  const presence = createPresence({
    table,
    after(_ms, run) {
      timers.push(run);
      return () => void (timers = timers.filter((one) => one !== run));
    },
  });
  let told = 0;
  const leave = presence.subscribe(() => (told += 1));
  const names = (): string =>
    presence
      .getSnapshot()
      .map(({ subject }) => subject)
      .join(' ');
  return {
    leave,
    names,
    told: () => told,
    timers: () => timers.length,
    /** The table in a life of its log, as it is now. */
    put(epoch: string, ...subjects: readonly string[]): string {
      const rows = subjects.map((subject) => ({ epoch, key: subject, data: { id: subject, subject } }));
      snapshot = { ...snapshot, rows: rows as unknown as readonly HeldMessage<PresenceRow>[] };
      tell();
      return names();
    },
    pass(): string {
      for (const run of timers.splice(0)) run();
      return names();
    },
  };
}

describe('[CHT6] who is in a room', () => {
  it('is who the table has, and gone with their row', () => {
    const { put, timers } = room();
    expect([put('a', 'ada'), put('a', 'ada', 'bob'), put('a', 'bob')]).toEqual(['ada', 'ada bob', 'bob']);
    expect(timers()).toBe(0);
  });

  it('did not leave where the hub began anew and they come back within seconds', () => {
    const { put, pass, told } = room();
    put('a', 'ada', 'bob', 'eve');
    // Empty at first, or with whoever was quicker: nobody of them is missed.
    expect([put('b'), put('b', 'bob'), put('b', 'bob', 'ada')]).toEqual(['ada bob eve', 'ada eve bob', 'eve bob ada']);
    // Who has come back and leaves is gone at once.
    expect(put('b', 'ada')).toBe('eve ada');
    const before = told();
    expect(pass()).toBe('ada');
    expect(told()).toBe(before + 1);
  });

  it('did not leave over two restarts either', () => {
    const { put, pass } = room();
    put('a', 'ada', 'bob');
    put('b', 'ada');
    expect([put('c'), put('c', 'ada'), pass()]).toEqual(['bob ada', 'bob ada', 'ada']);
  });

  it('is known at once where the same hub goes on', () => {
    const { put, pass, timers } = room();
    put('a', 'ada');
    // The last has gone, or the hub has begun anew: that is not to be seen.
    expect([put('a'), timers()]).toEqual(['ada', 1]);
    expect([put('a', 'bob'), timers()]).toEqual(['bob', 0]);
    put('a');
    expect([pass(), put('a', 'eve')]).toEqual(['', 'eve']);
  });

  it('is not held for nobody who looks', () => {
    const { put, leave, names, timers } = room();
    put('a', 'ada');
    put('b');
    leave();
    expect([names(), timers()]).toEqual(['', 0]);
  });
});
