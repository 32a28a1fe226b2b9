// @vitest-environment happy-dom
import { act, createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { expect, it } from 'vitest';
import { changeQuery, matchPath, navigate, useVisit } from './router.tsx';

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

it('finds the parts of a path that a pattern names', () => {
  expect(matchPath('/agents/:agent', '/agents/web-1')).toEqual({ agent: 'web-1' });
  expect(matchPath('/agents/:agent', '/agents/caf%C3%A9')).toEqual({ agent: 'café' });
  expect(matchPath('/agents', '/agents')).toEqual({});
});

it.each(['/agents', '/agents/', '/agents/web-1/logs', '/runs/web-1', '/agents/%', '/'])(
  'does not take %s for the page of an agent',
  (path) => {
    expect(matchPath('/agents/:agent', path)).toBeUndefined();
  },
);

it('changes the query in its place, so that Back leaves the page and not a filter', () => {
  navigate('/agents');
  const steps = history.length;
  changeQuery({ state: 'late', find: 'web & db' });
  expect(location.search).toBe('?state=late&find=web+%26+db');
  changeQuery({ state: undefined });
  expect(location.search).toBe('?find=web+%26+db');
  changeQuery({ find: '' });
  expect(location.pathname + location.search).toBe('/agents');
  expect(history.length).toBe(steps);
});

it('tells of a visit to the address that is shown, which is no step in the history', () => {
  const visits: number[] = [];
  const Place = (): null => {
    visits.push(useVisit());
    return null;
  };
  const root = createRoot(document.createElement('div'));
  act(() => root.render(createElement(Place)));
  act(() => navigate('/chat/general?at=7'));
  const steps = history.length;
  act(() => navigate('/chat/general?at=7'));
  expect(new Set(visits).size).toBe(3);
  expect([history.length, location.search]).toEqual([steps, '?at=7']);
  act(() => root.unmount());
});
