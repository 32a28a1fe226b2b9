import { describe, expect, it } from 'vitest';
import { OnceMemory } from './once-memory.ts';

const position = { epoch: 'e', offset: 1 };
const key = (identity: string, producer: string, seq = 1) => ({ identity, producer, seq });
const weekMs = 7 * 24 * 3_600_000;

describe('the memory of publishes', () => {
  it('[ONC3] lasts seven days', () => {
    const memory = new OnceMemory();
    memory.use('a', key('ada', 'p'), position, 0);
    expect(memory.decide('a', key('ada', 'p'), weekMs)).toEqual({ kind: 'duplicate', position });
    expect(memory.decide('a', key('ada', 'p'), weekMs + 1)).toEqual({ kind: 'next' });
    expect(memory.decide('a', key('ada', 'p', 2), weekMs + 1)).toEqual({ kind: 'out-of-order', expected: 1 });
  });

  it('of one identity is not pushed out by another, however many producers that one makes up', () => {
    const memory = new OnceMemory();
    memory.use('a', key('ada', 'p'), position, 0);
    for (let n = 0; n < 150_000; n++) memory.use('a', key('eve', `p${n}`), position, 1);
    expect(memory.decide('a', key('ada', 'p'), 2)).toEqual({ kind: 'duplicate', position });
    expect(memory.decide('a', key('eve', 'p0'), 2)).toEqual({ kind: 'next' });
    expect(memory.decide('a', key('eve', 'p149999'), 2)).toEqual({ kind: 'duplicate', position });
  });

  it('has a bound in all', () => {
    const memory = new OnceMemory();
    memory.use('a', key('first', 'p'), position, 0);
    for (let n = 0; n < 100_000; n++) memory.use('a', key(`i${n}`, 'p'), position, 1);
    expect(memory.decide('a', key('first', 'p'), 2)).toEqual({ kind: 'next' });
    expect(memory.decide('a', key('i99999', 'p'), 2)).toEqual({ kind: 'duplicate', position });
  });
});
