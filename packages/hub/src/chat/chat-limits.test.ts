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

  it('[CHT3] [PUB8] [ONC4] is held to a rate over all their lines, and comes back with the same number', async () => {
    const hub = await startTestHub();
    const [one, two] = [await personAt(hub, 'ada'), await personAt(hub, 'ada')];
    const bob = await personAt(hub, 'bob');
    const once = (seq: number) => ({ producer: 'p'.repeat(22), seq });
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? one : two).post({ text: `${index}` })),
    );
    const refused = answers.filter(({ type }) => type === 'error');
    expect(refused.length).toBeGreaterThan(5);
    expect(refused[0]).toMatchObject({
      code: 4429,
      retryable: true,
      retryAfterMs: expect.any(Number),
      message: expect.stringMatching(
        /^found more than 5 messages a second under this name, expected a pause of \d+ ms$/,
      ),
    });
    expect(await bob.say('not I')).toBeGreaterThan(0);
    const send = () =>
      one.line.request({ type: 'publish', channel: 'chat/general', data: { text: 'kept' }, once: once(1) });
    let answer = await send();
    while (answer['type'] === 'error') {
      expect(answer).toMatchObject({ code: 4429 });
      const { retryAfterMs } = answer as { retryAfterMs: number };
      await new Promise((resolve) => setTimeout(resolve, retryAfterMs));
      answer = await send();
    }
    expect(answer).toMatchObject({ type: 'result' });
    const http = await hub.ask('/api/publish', {
      body: { channel: 'chat/general', data: { text: 'by HTTP' } },
      headers: one.headers,
    });
    expect([200, 429]).toContain(http.status);
    if (http.status === 429) expect(http.json.error).toMatchObject({ retryAfterMs: expect.any(Number) });
    const many = Array.from({ length: 21 }, () => ({ data: { text: 'x' } }));
    expect(await one.line.request({ type: 'publish', channel: 'chat/general', batch: many })).toMatchObject({
      code: 4400,
      retryable: false,
      message: 'found 21 messages at once, expected at most 20',
    });
  });
});
