import { describe, expect, it } from 'vitest';
import { asSentence, lineToCopy } from './examination-model.ts';

const page = { protocol: 'https:', host: 'ops.example.com', origin: 'https://ops.example.com' };

describe('an examination in the panel', () => {
  it('has the whole line of doctor to copy, with the address and origin of this page', () => {
    expect(lineToCopy('Run telltale doctor with the address.', page)).toBe(
      'telltale doctor wss://ops.example.com/ws/ --origin https://ops.example.com',
    );
    expect(lineToCopy('Run telltale doctor.', { ...page, protocol: 'http:', host: 'localhost:8000' })).toMatch(
      /^telltale doctor ws:\/\/localhost:8000\/ws\/ /,
    );
  });

  it('has the setting that a cure names, or nothing', () => {
    expect(lineToCopy('Add TELLTALE_ALLOWED_ORIGINS=https://a.example.', page)).toBe(
      'TELLTALE_ALLOWED_ORIGINS=https://a.example',
    );
    expect(lineToCopy('Sign in again.', page)).toBeUndefined();
  });

  it('writes what was found as a sentence, and an address as it is', () => {
    expect(asSentence('the browser has a network')).toBe('The browser has a network.');
    expect(asSentence('ws://localhost:8000/ws/')).toBe('ws://localhost:8000/ws/.');
  });
});
