import { describe, expect, it } from 'vitest';
import { createAttendance } from './attendance.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function attend() {
  const said: string[] = [];
  const timers: (() => void)[] = [];
  const waits: number[] = [];
  let now = 0;
  let retryable: boolean | undefined;
  const attendance = createAttendance({
    call(method, params) {
      said.push(`${method} ${Object.values(params).join(' ')}`);
      if (retryable === undefined) return Promise.resolve(null);
      return Promise.reject(Object.assign(new Error('away'), { retryable }));
    },
    now: () => now,
    after(ms, run) {
      waits.push(ms);
      timers.push(run);
      return () => void timers.splice(timers.indexOf(run), 1);
    },
  });
  attendance.line(true);
  return {
    attendance,
    said,
    pass(ms: number) {
      now += ms;
    },
    waits,
    /** Lets the next timer run, and all that comes of it; answers whether there was one. */
    async run() {
      const next = timers.shift();
      next?.();
      await settled();
      return next !== undefined;
    },
    /** From now on calls fail, and may be tried again or not; undefined: they do not. */
    fail(may: boolean | undefined) {
      retryable = may;
    },
  };
}

describe('a person in a room', () => {
  it('is said to type at once, then every 3 s, and not to when they have sent it', () => {
    const { attendance, said, pass } = attend();
    for (let n = 0; n < 8; n += 1) {
      attendance.typing('general', true);
      pass(500);
    }
    attendance.typing('general', false);
    attendance.typing('general', false);
    expect(said).toEqual(['chat.typing general true', 'chat.typing general true', 'chat.typing general false']);
  });

  it('is said to be away and back, but not to be here where they have just come', () => {
    const { attendance, said } = attend();
    attendance.state('general', 'here');
    attendance.state('general', 'away');
    attendance.state('general', 'away');
    attendance.state('general', 'here');
    attendance.state(undefined, 'here');
    attendance.state('ops', 'here');
    expect(said).toEqual(['chat.presence general away', 'chat.presence general here']);
  });

  it('is said to be away again when the line is back', () => {
    const { attendance, said } = attend();
    attendance.state('general', 'away');
    attendance.line(false);
    attendance.line(true);
    expect(said).toEqual(['chat.presence general away', 'chat.presence general away']);
  });

  it('has read up to the newest message, said once for many, and never back', async () => {
    const { attendance, said, run } = attend();
    for (const offset of [1, 2, 3, 2]) attendance.read('general', offset);
    expect(said).toEqual([]);
    await run();
    attendance.read('general', 3);
    await run();
    expect(said).toEqual(['chat.read general 3']);
  });

  it('has read also what could not be said while the line was away', async () => {
    const { attendance, said, run, fail } = attend();
    fail(true);
    attendance.read('general', 3);
    await run();
    attendance.line(false);
    attendance.read('ops', 9);
    await run();
    attendance.line(true);
    expect(said).toEqual(['chat.read general 3', 'chat.read general 3', 'chat.read ops 9']);
  });

  it('has read what the hub could not store, said again after longer and longer waits until it could', async () => {
    const { attendance, said, waits, run, fail } = attend();
    attendance.state('general', 'here');
    fail(true);
    attendance.read('general', 3);
    for (let n = 0; n < 9; n += 1) await run();
    expect(waits).toEqual([400, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    // A message that comes meanwhile is no reason to ask more often.
    attendance.read('general', 4);
    fail(undefined);
    expect([await run(), await run()]).toEqual([true, false]);
    expect(said).toEqual([...Array.from({ length: 9 }, () => 'chat.read general 3'), 'chat.read general 4']);
    // And the next trouble is another one.
    fail(true);
    attendance.read('general', 5);
    await run();
    expect(waits.slice(-2)).toEqual([400, 500]);
  });

  it.each<readonly [string, boolean, string | undefined]>([
    ['they have left the room', true, undefined],
    ['they look at another room', true, 'ops'],
    ['it is refused for good', false, 'general'],
  ])('is not said again to have read where %s, but once they read there again', async (_why, may, room) => {
    const { attendance, said, run, fail } = attend();
    attendance.state('general', 'here');
    attendance.read('general', 3);
    attendance.state(room, 'here');
    fail(may);
    expect([await run(), await run()]).toEqual([true, false]);
    fail(undefined);
    attendance.read('general', 3);
    await run();
    expect(said).toEqual(['chat.read general 3', 'chat.read general 3']);
  });
});
