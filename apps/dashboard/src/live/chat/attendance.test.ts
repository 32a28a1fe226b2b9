import { describe, expect, it } from 'vitest';
import { createAttendance } from './attendance.ts';

function attend() {
  const said: string[] = [];
  const timers: (() => void)[] = [];
  let now = 0;
  let answers = true;
  const attendance = createAttendance({
    call(method, params) {
      said.push(`${method} ${Object.values(params).join(' ')}`);
      return answers ? Promise.resolve(null) : Promise.reject(new Error('away'));
    },
    now: () => now,
    after(_ms, run) {
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
    run: () => timers.shift()?.(),
    break() {
      answers = false;
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

  it('has read up to the newest message, said once for many, and never back', () => {
    const { attendance, said, run } = attend();
    for (const offset of [1, 2, 3, 2]) attendance.read('general', offset);
    expect(said).toEqual([]);
    run();
    attendance.read('general', 3);
    run();
    expect(said).toEqual(['chat.read general 3']);
  });

  it('has read also what could not be said while the line was away', async () => {
    const { attendance, said, run, ...world } = attend();
    world.break();
    attendance.read('general', 3);
    run();
    await Promise.resolve();
    await Promise.resolve();
    attendance.line(false);
    attendance.read('ops', 9);
    run();
    attendance.line(true);
    expect(said).toEqual(['chat.read general 3', 'chat.read general 3', 'chat.read ops 9']);
  });
});
