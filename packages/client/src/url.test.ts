// @vitest-environment happy-dom
// The rules for URLs: the page's hostname on port 8000, ws or wss by the page, parameters encoded behind ? or &.

import { afterEach, expect, test } from 'vitest';
import { defaultUrl, maskUrl, socketUrl, withQuery } from './url.ts';
import { attemptUrl } from './why.ts';

const { happyDOM } = window as unknown as { happyDOM: { setURL(url: string): void } };
afterEach(() => happyDOM.setURL('about:blank'));

test.each([
  ['http://ops.example:3000/board?x=1', 'ws://ops.example:8000/ws/dashboard/'],
  ['https://ops.example/', 'wss://ops.example:8000/ws/dashboard/'],
  ['http://[::1]:5173/', 'ws://[::1]:8000/ws/dashboard/'],
  ['about:blank', 'ws://localhost:8000/ws/dashboard/'],
])('on the page %s the address is %s', (page, expected) => {
  happyDOM.setURL(page);
  expect(defaultUrl('/ws/dashboard/')).toBe(expected);
});

test.each([
  ['https://ops.example/board', '/ws/', 'wss://ops.example/ws/'],
  ['http://ops.example:3000/board', '/ws/?a=1#top', 'ws://ops.example:3000/ws/?a=1'],
  ['http://ops.example/', 'https://hub.example/ws/', 'wss://hub.example/ws/'],
  ['http://ops.example/', 'ws://hub.example:9/ws/', 'ws://hub.example:9/ws/'],
])('on %s the URL %s is %s', (page, given, expected) => {
  happyDOM.setURL(page);
  expect(socketUrl(given)).toBe(expected);
});

test('what can’t be a URL is said without its query', () => {
  expect(() => socketUrl('ftp://x/')).toThrow('found URL ftp://x/, expected ws:');
  expect(() => socketUrl('http://:80:80/?token=canary')).toThrow(/^(?!.*canary)found URL/);
});

test.each([
  ['ws://h/ws/', 'ws://h/ws/?token=a%2Bb%2F%3D%26%23%20%C3%A9'],
  ['ws://h/ws/?a=1', 'ws://h/ws/?a=1&token=a%2Bb%2F%3D%26%23%20%C3%A9'],
  ['ws://h/ws/?', 'ws://h/ws/?token=a%2Bb%2F%3D%26%23%20%C3%A9'],
  ['ws://h/ws/?a=1&', 'ws://h/ws/?a=1&token=a%2Bb%2F%3D%26%23%20%C3%A9'],
])('a token is encoded and joined to %s', (url, expected) => {
  expect(withQuery(url, 'token', 'a+b/=&# é')).toBe(expected);
});

test('a shown URL has no user and no query; an attempt is asked for under the prefix', () => {
  expect(maskUrl('wss://user:pass@h/ws/?token=canary#x')).toBe('wss://h/ws/');
  expect(attemptUrl('wss://h:9/ws/chat/general/?token=x', 'id')).toBe('https://h:9/ws/attempts/id');
  expect(attemptUrl('ws://h/base/ws/', 'id')).toBe('http://h/base/ws/attempts/id');
  expect(attemptUrl('ws://h/live/dashboard', 'id')).toBe('http://h/live/attempts/id');
});
