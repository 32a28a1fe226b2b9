// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest';
import { createDrafts, type Drafts } from './drafts.ts';

/** Tabs that are there; undefined: this browser does not say. */
let here: Set<string> | undefined = new Set();
let now = 0;
/** What happens while a tab waits for one that is reloaded. */
let pause: () => Promise<void>;
const tab = (id: string, person = 'ada'): Drafts => {
  here?.add(id);
  return createDrafts(person, { tab: { id, here: () => Promise.resolve(here) }, now: () => now, pause: () => pause() });
};
const closed = (id: string): void => void here?.delete(id);

beforeEach(() => {
  localStorage.clear();
  here = new Set();
  now = 1_000;
  pause = () => Promise.resolve();
});

describe('what is begun', () => {
  it('belongs to the tab and to the person, and is there after a reload', async () => {
    const [one, other] = [tab('one'), tab('other')];
    one.set('general', { text: 'of one', reply: { offset: 4, subject: 'jonas', words: 'is it up?' } });
    other.set('general', { text: 'of the other' });
    one.set('general', { text: 'of one, longer', reply: { offset: 4, subject: 'jonas', words: 'is it up?' } });
    expect(await other.adopt('general')).toBeUndefined();
    expect(tab('one').get('general')).toMatchObject({ text: 'of one, longer', reply: { offset: 4 } });
    expect(tab('other').get('general')).toMatchObject({ text: 'of the other' });
    const mira = tab('one', 'mira');
    expect([mira.get('general'), await mira.adopt('general')]).toEqual([undefined, undefined]);
  });

  it('is gone when nothing is left of it', () => {
    const drafts = tab('one');
    drafts.set('general', { text: 'x' });
    drafts.set('general', { text: '' });
    drafts.set('ops', { text: 'y' });
    drafts.set('ops', undefined);
    expect([drafts.get('general'), localStorage.length]).toEqual([undefined, 0]);
    // An answer without a word so far is something.
    drafts.set('general', { text: '', reply: { offset: 4, words: 'an earlier message' } });
    expect(drafts.get('general')?.reply?.offset).toBe(4);
  });

  it('in tabs that are gone is taken over by one that has nothing there, oldest first', async () => {
    for (const [id, text] of [
      ['first', 'oldest'],
      ['second', 'newer'],
      ['third', 'newer'],
    ] as const) {
      tab(id).set('agent.web-1', { text });
      now += 1;
      closed(id);
    }
    tab('second').set('general', { text: 'elsewhere' });
    closed('second');
    tab('there').set('agent.web-1', { text: 'of one who is there' });
    const mine = tab('mine');
    mine.set('agent.web-1', { text: 'mine' });
    expect(await mine.adopt('agent.web-1')).toBeUndefined();
    mine.set('agent.web-1', { text: '' });
    expect(await mine.adopt('agent.web-1')).toEqual({ text: 'oldest\nnewer' });
    expect(mine.get('agent.web-1')).toMatchObject({ text: 'oldest\nnewer' });
    expect(await tab('next').adopt('agent.web-1')).toBeUndefined();
    expect(tab('there').get('agent.web-1')).toMatchObject({ text: 'of one who is there' });
    expect(await tab('next').adopt('general')).toEqual({ text: 'elsewhere' });
  });

  it('stays with a tab that is only reloaded, and with who begins meanwhile', async () => {
    const [one, other] = [tab('one'), tab('other')];
    one.set('general', { text: 'of one' });
    closed('one');
    pause = () => Promise.resolve(void tab('one'));
    expect(await other.adopt('general')).toBeUndefined();
    closed('one');
    pause = () => Promise.resolve(void other.set('general', { text: 'of the other' }));
    expect(await other.adopt('general')).toBeUndefined();
    expect(other.get('general')).toMatchObject({ text: 'of the other' });
    expect(tab('one').get('general')).toMatchObject({ text: 'of one' });
  });

  it('is taken over for everybody who asks while that is under way', async () => {
    tab('gone').set('general', { text: 'left' });
    closed('gone');
    const mine = tab('mine');
    const answers = await Promise.all([mine.adopt('general'), mine.adopt('general')]);
    expect(answers).toEqual([{ text: 'left' }, { text: 'left' }]);
    expect(await mine.adopt('general')).toBeUndefined();
  });

  it('is taken over by one of those that open at once, and by the next one where that has gone', async () => {
    tab('gone').set('general', { text: 'left' });
    closed('gone');
    const opened = ['one', 'two', 'three'].map((id) => tab(id));
    const answers = await Promise.all(opened.map((drafts) => drafts.adopt('general')));
    expect(answers.filter((answer) => answer !== undefined)).toEqual([{ text: 'left' }]);
    expect(opened.filter((drafts) => drafts.get('general') !== undefined)).toHaveLength(1);
    for (const id of ['one', 'two', 'three']) closed(id);
    // It wanted to take it over, and was shut before.
    const brief = tab('brief');
    pause = () => new Promise(() => {});
    void brief.adopt('general');
    closed('brief');
    pause = () => Promise.resolve();
    expect(await tab('next').adopt('general')).toEqual({ text: 'left' });
    expect(localStorage.length, 'nothing else is kept').toBe(1);
  });

  it('is taken over after a while where a browser does not say which tabs are there', async () => {
    here = undefined;
    tab('one').set('general', { text: 'left' });
    expect(await tab('two').adopt('general')).toBeUndefined();
    now += 11 * 60_000;
    expect(await tab('two').adopt('general')).toEqual({ text: 'left' });
  });

  it('stays where it is when it can’t be kept anew, and says so', async () => {
    tab('gone').set('general', { text: 'left' });
    closed('gone');
    const full: Storage = {
      get length() {
        return localStorage.length;
      },
      key: (index) => localStorage.key(index),
      getItem: (name) => localStorage.getItem(name),
      removeItem: (name) => localStorage.removeItem(name),
      clear: () => localStorage.clear(),
      setItem() {
        throw new DOMException('full', 'QuotaExceededError');
      },
    };
    const drafts = createDrafts('ada', {
      tab: { id: 'mine', here: () => Promise.resolve(here) },
      storage: full,
      now: () => now,
      pause: () => pause(),
    });
    expect(drafts.set('ops', { text: 'x' })).toBe(false);
    expect(await drafts.adopt('general')).toEqual({ text: 'left' });
    expect(localStorage.length).toBe(1);
  });

  it('passes over what it did not write', async () => {
    localStorage.setItem('telltale.chat.ada.begun.gone.general', 'no JSON');
    localStorage.setItem('telltale.chat.ada.begun.other.general', '{"text":7,"at":1}');
    expect(await tab('one').adopt('general')).toBeUndefined();
  });
});
