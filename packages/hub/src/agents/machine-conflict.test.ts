// What is remembered of another machine that came: the decision is about the one an administrator reads of.

import { describe, expect, it } from 'vitest';
import { type Conflict, withOtherMachine } from './machine-conflict.ts';

const from = (machine: string, userAgent?: string) => ({ machine, address: '203.0.113.7', userAgent });
const one: Conflict = {
  machine: 'one',
  title: '203.0.113.7',
  address: '203.0.113.7',
  since: 1000,
  at: 1000,
  count: 1,
  isDismissed: false,
};

describe('another machine with the credential', () => {
  it('is called what its program says, on one line, or by its address', () => {
    expect(withOtherMachine(null, from('one'), 1000)).toEqual(one);
    expect(withOtherMachine(null, from('one', 'agent/1\u202e\n'), 1000)).toMatchObject({
      title: 'agent/1\ufffd\ufffd',
    });
    expect(withOtherMachine(null, from('one', ' '), 1000)).toMatchObject({ title: '203.0.113.7' });
  });

  it('is counted each time it comes', () => {
    const again = withOtherMachine(one, { ...from('one'), address: '203.0.113.8' }, 2000);
    expect(again).toEqual({ ...one, address: '203.0.113.8', at: 2000, count: 2 });
  });

  it('is not replaced by a third one while it comes, and is once it has stayed away for ten minutes', () => {
    expect(withOtherMachine(one, from('two'), 1000 + 599_999)).toBe(one);
    expect(withOtherMachine(one, from('two'), 1000 + 600_000)).toMatchObject({
      machine: 'two',
      since: 601_000,
      count: 1,
    });
  });

  it('that was dismissed asks no more, a third one does', () => {
    const dismissed = { ...one, isDismissed: true };
    expect(withOtherMachine(dismissed, from('one'), 2000)).toBe(dismissed);
    expect(withOtherMachine(dismissed, from('two'), 2000)).toMatchObject({ machine: 'two', isDismissed: false });
  });
});
