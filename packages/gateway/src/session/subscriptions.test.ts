import { describe, expect, it } from 'vitest';
import type { Subscription } from '../delivery/subscription.ts';
import { Subscriptions } from './subscriptions.ts';

const to = (channel: string): Subscription => ({ channel }) as Subscription;

describe('what a session reads', () => {
  it.each([0, 1, 2, 3])('is found, replaced and left, with %i channels beside', (others) => {
    const subscriptions = new Subscriptions();
    const beside = Array.from({ length: others }, (_, index) => to(`other-${index}`));
    for (const subscription of beside) subscriptions.set(subscription);
    expect([subscriptions.size, subscriptions.has('news')]).toEqual([others, false]);
    const [first, second] = [to('news'), to('news')];
    subscriptions.set(first);
    expect(subscriptions.get('news')).toBe(first);
    subscriptions.set(second);
    expect(subscriptions.all()).toEqual([...beside, second]);
    expect(subscriptions.get('news')).toBe(second);
    subscriptions.delete('unknown');
    subscriptions.delete('news');
    expect([subscriptions.size, subscriptions.get('news')]).toEqual([others, undefined]);
    expect(subscriptions.all()).toEqual(beside);
    subscriptions.clear();
    expect([subscriptions.size, subscriptions.all()]).toEqual([0, []]);
  });
});
