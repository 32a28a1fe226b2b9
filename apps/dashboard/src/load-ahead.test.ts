import { describe, expect, it } from 'vitest';
import { dropDeadConnections, loadAhead } from './load-ahead.ts';

function modules(names: readonly string[], log: string[]): (() => Promise<unknown>)[] {
  return names.map((name) => () => {
    log.push(name);
    return name === 'broken' ? Promise.reject(new Error(name)) : Promise.resolve({});
  });
}

describe('pages that few open', () => {
  it('are fetched one after the other, each once the hub has answered, and one that fails stops none', async () => {
    const log: string[] = [];
    const answers = [false, false, true, true, false, true];
    await loadAhead({
      loads: modules(['runs', 'broken', 'users'], log),
      probe: () => {
        const isAnswered = answers.shift() === true;
        log.push(isAnswered ? 'answer' : 'silence');
        return isAnswered ? Promise.resolve() : Promise.reject(new Error('no answer'));
      },
      pause: (ms) => {
        log.push(`${ms} ms`);
        return Promise.resolve();
      },
      signal: new AbortController().signal,
    });
    expect(log.join(', ')).toBe(
      'silence, 1000 ms, silence, 1000 ms, answer, runs, answer, broken, silence, 1000 ms, answer, users',
    );
  });

  it('are not fetched any more once the line is away', async () => {
    const log: string[] = [];
    const away = new AbortController();
    await loadAhead({
      loads: modules(['runs', 'users'], log),
      probe: () => {
        if (log.length > 0) away.abort();
        return Promise.resolve();
      },
      signal: away.signal,
    });
    expect(log).toEqual(['runs']);
  });
});

describe('connections that may be dead', () => {
  it('are all asked at once, and that none answers is no fault', async () => {
    let asked = 0;
    await dropDeadConnections((withinMs) => {
      asked += 1;
      return Promise.reject(new Error(`no answer within ${withinMs} ms`));
    });
    expect(asked).toBe(6);
  });
});
