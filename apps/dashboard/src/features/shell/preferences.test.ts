// @vitest-environment happy-dom
import { expect, it } from 'vitest';
import { takeStartCode } from '../../session/session.ts';
import { parsePreferences } from './preferences.ts';

it.each([null, '', 'nonsense', '5', 'null', '{"theme":"pink"}'])('takes %j for the defaults', (text) => {
  expect(parsePreferences(text)).toEqual({ theme: 'system', shortcuts: true });
});

it('keeps what a person chose', () => {
  expect(parsePreferences('{"theme":"dark","shortcuts":false}')).toEqual({ theme: 'dark', shortcuts: false });
});

it('takes a start code out of the address at once', () => {
  history.replaceState(null, '', '/?a=1#start=abc-def');
  expect(takeStartCode()).toBe('abc-def');
  expect(location.pathname + location.search + location.hash).toBe('/?a=1');
  expect(takeStartCode()).toBeUndefined();
  // Whatever somebody made of it: a wrong code, and no page that fails.
  history.replaceState(null, '', '/#start=%');
  expect(takeStartCode()).toBe('%');
});
