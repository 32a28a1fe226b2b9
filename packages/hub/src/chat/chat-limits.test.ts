// Sizes and rates of rooms: what is over is refused in words, with the time to wait where that helps.

import { describe, expect, it } from 'vitest';
import { personAt } from '../testing/test-chat.ts';
import { startTestHub } from '../testing/test-hub.ts';

describe('who says too much', () => {
  it('[CHT3] [PUB8] is told how long it was, in words', async () => {
    const hub = await startTestHub();
    const ada = await personAt(hub, 'ada');
    expect(await ada.post({ text: 'x'.repeat(4212) })).toMatchObject({
      code: 4400,
      retryable: false,
      message: 'chat/general: data.text: too long by 212 characters: found 4212, expected at most 4000',
    });
    expect(await ada.post({ text: '🙂'.repeat(2001) })).toMatchObject({
      message: expect.stringContaining('too long by 2 characters'),
    });
    expect(await ada.say('🙂'.repeat(2000))).toBe(1);
    for (const nothing of ['', '  \n\t ', '\u200b\u200d\ufeff', '\u2800', '\u3164', '\u0000\u202e']) {
      expect(await ada.post({ text: nothing })).toMatchObject({ code: 4400, message: expect.stringContaining('seen') });
    }
  });

  it('[CHT3] [PUB8] [ONC4] is held to a rate over all their lines and HTTP, 20 at once and 5 a second, and comes back with the same number', async () => {
    const clock = { ms: 0 };
    const hub = await startTestHub({}, { monotonic: () => clock.ms });
    const [one, two] = [await personAt(hub, 'ada'), await personAt(hub, 'ada')];
    const bob = await personAt(hub, 'bob');
    const publish = (text: string) =>
      hub.ask('/api/publish', { body: { channel: 'chat/general', data: { text } }, headers: one.headers });
    // By two lines and by HTTP in turn; what one of them takes, the others have less.
    const ways = [
      async (text: string) => (await one.post({ text }))['type'] === 'result',
      async (text: string) => (await two.post({ text }))['type'] === 'result',
      async (text: string) => (await publish(text)).status === 200,
    ];
    const saidOf = async (count: number): Promise<number> => {
      const answers = await Promise.all(
        Array.from({ length: count }, (_, index) => (ways[index % 3] as (typeof ways)[number])(`${index}`)),
      );
      return answers.filter((isSaid) => isSaid).length;
    };
    expect(await saidOf(40)).toBe(20);
    const message = 'found more than 5 messages a second under this name, expected a pause of 200 ms';
    const refusal = { code: 4429, retryAfterMs: 200, message };
    for (const line of [one, two])
      expect(await line.post({ text: 'x' })).toMatchObject({ retryable: true, ...refusal });
    expect(await publish('x')).toMatchObject({ status: 429, json: { error: refusal } });
    expect(await bob.say('not I')).toBe(21);

    const send = () =>
      one.line.request({
        type: 'publish',
        channel: 'chat/general',
        data: { text: 'kept' },
        once: { producer: 'p'.repeat(22), seq: 1 },
      });
    clock.ms += 199;
    expect(await send()).toMatchObject({ code: 4429, retryAfterMs: 1 });
    clock.ms += 1;
    expect(await send()).toMatchObject({ type: 'result', data: { position: { offset: 22 } } });
    for (const [ms, room] of [
      [1000, 5],
      [2000, 10],
      [3_600_000, 20],
    ] as const) {
      clock.ms += ms;
      expect(await saidOf(30)).toBe(room);
    }

    const many = Array.from({ length: 21 }, () => ({ data: { text: 'x' } }));
    expect(await one.line.request({ type: 'publish', channel: 'chat/general', batch: many })).toMatchObject({
      code: 4400,
      retryable: false,
      message: 'found 21 messages at once, expected at most 20',
    });
  });
});
