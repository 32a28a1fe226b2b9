// What of a path is fit for logs and events.

import { describe, expect, it } from 'vitest';
import { shownPath } from './request.ts';

const ticket = 'tW9_Zk3bQ0-pL5vXcR2nYa';
const run = '01ja8zq4m7c3v5x9k2t6w8b0df';

describe('a path as it is shown', () => {
  it.each([
    [`/ws/runs/${run}/`, true, `/ws/runs/${run}/`],
    [`/ws/${ticket}`, false, '/ws/…'],
    [`/ws/ticket/${ticket}/${ticket}/?token=x`, false, '/ws/ticket/…/…/'],
    ['/ws/the-dashboards-of-everybody/', false, '/ws/the-dashboards-of-everybody/'],
    ['/ws/dashboards', false, '/ws/dashboards'],
    [`/ws/chat/agent.${'x'.repeat(64)}/`, true, `/ws/chat/agent.${'x'.repeat(64)}/`],
    [`/ws/${'x'.repeat(81)}`, true, '/ws/…'],
    [`/ws/chat/eyJhbGciOiJub25lIn0.${'x'.repeat(40)}.c2ln`, false, '/ws/chat/…'],
  ])('%s (an endpoint: %s) is %s', (target, isEndpoint, expected) => {
    expect(shownPath(target, isEndpoint)).toBe(expected);
  });
});
