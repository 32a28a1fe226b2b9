// What is remembered of attempts, and what is let go of first (REF8).

import type { PublicRefusal } from '@telltale/protocol';
import { describe, expect, it } from 'vitest';
import { type Attempts, createAttempts } from './attempts.ts';

const end = { code: 4408, name: 'stalled', reason: 'too slow' };
const refusalOf = (attempt: string): PublicRefusal => ({ code: 4401, name: 'token-missing', retry: false, attempt });

function refuse(attempts: Attempts, id: string, address: string): void {
  attempts.claim(id, address);
  attempts.refused(id, refusalOf(id));
}

describe('[REF8] the memory of attempts', () => {
  it('forgets what is over, the oldest first, and never brings one back', () => {
    const attempts = createAttempts({ limit: 2 });
    for (const id of ['a', 'b', 'c']) refuse(attempts, id, '10.0.0.1');
    expect(attempts.outcome('a')).toMatchObject({ state: 'unseen' });
    expect(attempts.outcome('b')).toEqual({ state: 'refused', refusal: refusalOf('b') });
    attempts.ended('a', end);
    expect(attempts.outcome('a')).toMatchObject({ state: 'unseen' });
  });

  it('[ADM12] gives an id to its first user until it is forgotten', () => {
    const attempts = createAttempts({ limit: 1 });
    expect(attempts.claim('a', '10.0.0.1')).toBe(true);
    expect(attempts.claim('a', '10.0.0.2')).toBe(false);
    attempts.refused('a', refusalOf('a'));
    expect(attempts.claim('a', '10.0.0.1')).toBe(false);
    refuse(attempts, 'b', '10.0.0.1');
    expect(attempts.claim('a', '10.0.0.1')).toBe(true);
  });

  it('keeps the attempt of a session that lives, however many come after it, and then how it ended', () => {
    const attempts = createAttempts({ limit: 2 });
    attempts.claim('old', '10.0.0.1');
    attempts.admitted('old');
    for (let index = 0; index < 100; index++) refuse(attempts, `other-${index}`, '10.0.0.1');
    expect(attempts.outcome('old')).toEqual({ state: 'admitted' });
    attempts.ended('old', end);
    expect(attempts.outcome('old')).toEqual({ state: 'admitted', ended: end });
    refuse(attempts, 'last', '10.0.0.1');
    expect(attempts.outcome('old'), 'counts as new from its end').toEqual({ state: 'admitted', ended: end });
  });

  it('says how far back it remembers: to its begin, or to when the youngest was over that it has forgotten', () => {
    let now = 5_000;
    const attempts = createAttempts({ limit: 2, perAddress: 2, monotonic: () => now });
    const remembered = (): unknown => attempts.outcome('never');
    now = 15_000;
    expect(remembered()).toEqual({ state: 'unseen', rememberedMs: 10_000 });
    refuse(attempts, 'a', '10.0.0.1');
    attempts.claim('long', '10.0.0.1');
    attempts.admitted('long');
    now = 20_000;
    refuse(attempts, 'b', '10.0.0.1');
    expect(remembered(), 'nothing is forgotten yet').toEqual({ state: 'unseen', rememberedMs: 15_000 });
    now = 21_000;
    attempts.ended('long', end);
    expect(attempts.outcome('a'), 'forgotten, and it was over six seconds ago').toEqual({
      state: 'unseen',
      rememberedMs: 6_000,
    });
    now = 30_000;
    for (const id of ['c', 'd']) refuse(attempts, id, '10.0.0.2');
    expect(attempts.outcome('long'), 'by its end, however old it was').toEqual({
      state: 'unseen',
      rememberedMs: 9_000,
    });
  });

  it('lets a flood from one address push out its own and nobody else', () => {
    const attempts = createAttempts({ limit: 100, perAddress: 10 });
    refuse(attempts, 'honest', '10.0.0.1');
    for (let index = 0; index < 1_000; index++) refuse(attempts, `flood-${index}`, '2001:db8::1');
    expect(attempts.outcome('honest')).toMatchObject({ state: 'refused' });
    expect(attempts.outcome('flood-989')).toMatchObject({ state: 'unseen' });
    expect(attempts.outcome('flood-990')).toMatchObject({ state: 'refused' });
    refuse(attempts, 'same network', '2001:db8::2');
    expect(attempts.outcome('flood-990')).toMatchObject({ state: 'unseen' });
  });

  it('calls back whoever asks while an attempt is being decided, once it has been', () => {
    const attempts = createAttempts();
    const told: string[] = [];
    const ask = (id: string): boolean => attempts.whenDecided(id, () => told.push(id));
    expect(ask('never')).toBe(false);
    attempts.claim('a', '10.0.0.1');
    attempts.claim('b', '10.0.0.1');
    expect([ask('a'), ask('b')]).toEqual([true, true]);
    expect(told).toEqual([]);
    attempts.admitted('a');
    attempts.refused('b', refusalOf('b'));
    expect(told).toEqual(['a', 'b']);
    expect([ask('a'), ask('b')], 'nothing is left to wait for').toEqual([false, false]);
  });
});
