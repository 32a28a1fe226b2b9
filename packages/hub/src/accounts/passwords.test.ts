// The queue in front of the hashes: bounded, few at a time, and known people first.

import { describe, expect, it } from 'vitest';
import { createPasswords, isAcceptablePassword } from './passwords.ts';

describe('a stored password', () => {
  it('is argon2id with the parameters that are promised', async () => {
    const hash = await createPasswords().hash('correct horse');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('is matched by itself alone', async () => {
    const passwords = createPasswords();
    const hash = await passwords.hash('correct horse');
    expect(await passwords.check('correct horse', hash, 'known')).toBe('right');
    expect(await passwords.check('correct horsE', hash, 'known')).toBe('wrong');
    expect(await passwords.check('', null, 'known')).toBe('wrong');
    expect(await passwords.check('', undefined, 'stranger')).toBe('wrong');
  });
});

describe('checks at the same time', () => {
  it('wait up to the limit; beyond it the answer is busy at once', async () => {
    const passwords = createPasswords({ concurrent: 1, queued: 3 });
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => passwords.check('guess', undefined, 'stranger')),
    );
    expect(answers.filter((answer) => answer === 'wrong')).toHaveLength(4);
    expect(answers.filter((answer) => answer === 'busy')).toHaveLength(6);
  });

  it('let who signed in before go first, also when strangers have filled their queue', async () => {
    const passwords = createPasswords({ concurrent: 1, queued: 5 });
    const order: string[] = [];
    const strangers = Array.from({ length: 6 }, async () => {
      await passwords.check('guess', undefined, 'stranger');
      order.push('stranger');
    });
    const known = passwords.check('guess', undefined, 'known').then((answer) => {
      order.push('known');
      return answer;
    });
    expect(await known).toBe('wrong');
    expect(order.indexOf('known')).toBeLessThanOrEqual(1);
    await Promise.all(strangers);
  });
});

describe('a new password', () => {
  it.each([
    ['of eight characters', '12345678', true],
    ['of seven', '1234567', false],
    ['of eight letters outside ASCII', 'ééééóóóó', true],
    ['of 1,024 bytes', 'x'.repeat(1024), true],
    ['of more', 'x'.repeat(1025), false],
    ['that is the username', 'longusername', false],
  ])('%s', (_case, password, acceptable) => {
    expect(isAcceptablePassword(password, 'longusername')).toBe(acceptable);
  });
});
