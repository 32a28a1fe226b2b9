import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blocksOf, inlinesOf, type Block, type Inline } from './markdown.ts';
import { linkOf, saysItself } from './safe-link.ts';

/** Everything a reader sees, without what is markup. */
function seen(parts: readonly Inline[]): string {
  return parts
    .map((part) => (part.kind === 'bold' ? seen(part.parts) : part.kind === 'name' ? `@${part.name}` : part.text))
    .join('');
}
function seenOf(block: Block): string {
  if (block.kind === 'code') return block.text;
  return (block.kind === 'lines' ? block.lines : block.items).map(seen).join('\n');
}

describe('a message', () => {
  it('is paragraphs, lists and blocks of code', () => {
    const text = 'one\ntwo\n\n- a\n* b\n3. c\n4) d\n```sh\n**not bold**\n\n- x\n```\nend';
    expect(blocksOf(text).map((block) => [block.kind, seenOf(block)])).toEqual([
      ['lines', 'one\ntwo'],
      ['list', 'a\nb'],
      ['list', 'c\nd'],
      ['code', '**not bold**\n\n- x'],
      ['lines', 'end'],
    ]);
    expect(blocksOf('3. c')[0]).toMatchObject({ isOrdered: true, start: 3 });
    expect(blocksOf('```\nnever closed\n**x**')).toEqual([{ kind: 'code', text: 'never closed\n**x**' }]);
  });

  it('has bold, code, links and names in a line', () => {
    expect(inlinesOf('see **the `log`** of @ada, [docs](https://a.example/x) or https://b.example.')).toEqual([
      { kind: 'text', text: 'see ' },
      {
        kind: 'bold',
        parts: [
          { kind: 'text', text: 'the ' },
          { kind: 'code', text: 'log' },
        ],
      },
      { kind: 'text', text: ' of ' },
      { kind: 'name', name: 'ada' },
      { kind: 'text', text: ', ' },
      { kind: 'link', text: 'docs', link: { href: 'https://a.example/x', leadsTo: 'a.example' } },
      { kind: 'text', text: ' or ' },
      { kind: 'link', text: 'https://b.example', link: { href: 'https://b.example/', leadsTo: 'b.example' } },
      { kind: 'text', text: '.' },
    ]);
  });

  it.each(['**', '** **', '[x]()', '[x](javascript:alert(1))', 'a@b', '`', '<b>x</b>', '[[x](y)](z)', '@', '__x__'])(
    'leaves %j as it is written',
    (text) => {
      expect(inlinesOf(text)).toEqual([{ kind: 'text', text }]);
    },
  );

  it('hides nothing that was written but its own signs, and is never deep', () => {
    const sign = fc.constantFrom(
      '*',
      '**',
      '`',
      '[',
      ']',
      '(',
      ')',
      '@',
      ' ',
      '\n',
      '-',
      '1. ',
      '```',
      'a',
      'https://x.y',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(sign, fc.string())), (pieces) => {
        const text = pieces.join('');
        const blocks = blocksOf(text);
        const letters = (from: string): string => from.replaceAll(/[^\p{L}]/gu, '');
        const links = blocks.flatMap((block) =>
          block.kind === 'code' ? [] : (block.kind === 'lines' ? block.lines : block.items).flat(),
        );
        // What a code block is called after its fence, and where a named link leads, is not in the text.
        if (!text.includes('```') && !links.some(({ kind }) => kind === 'link')) {
          expect(letters(blocks.map(seenOf).join(''))).toBe(letters(text));
        }
        expect(depth(blocks)).toBeLessThan(9);
      }),
    );
  });

  it('of many signs is read in a moment', () => {
    const began = performance.now();
    for (const sign of ['*', '**', '`', '[', '](', '@', '[a](', '- ', '```\n', 'https://', '**`', '_', '\n\n']) {
      blocksOf(sign.repeat(4_000 / sign.length));
    }
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});

function depth(value: unknown): number {
  return typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depth)) : 0;
}

describe('an address', () => {
  it.each([
    ['https://a.example/x?y#z', 'https://a.example/x?y#z', 'a.example'],
    ['HTTP://A.example:8000', 'http://a.example:8000/', 'a.example:8000'],
    ['https://аpple.example', 'https://xn--pple-43d.example/', 'xn--pple-43d.example'],
    ['mailto:ada@a.example?body=x', 'mailto:ada@a.example', 'ada@a.example'],
  ])('%s is a link to %s', (address, href, leadsTo) => {
    expect(linkOf(address)).toEqual({ href, leadsTo });
  });

  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    ' javascript:alert(1)',
    'java\tscript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    'blob:https://a.example/1',
    'https:a.example',
    '//a.example',
    '/agents',
    'https://',
    'https://bank.example@a.example/',
    'https://a.example\\@b.example',
    'https://a.exa\u202Emple',
    'https://a.exa\u200Bmple',
    'mailto:',
    'mailto:a@b.example,c@d.example',
    'mailto:a@b.example%0Abcc:x@y.example',
  ])('%j stays text', (address) => {
    expect(linkOf(address)).toBeUndefined();
  });

  it('is said where the text of its link does not say it', () => {
    const link = { href: 'https://a.example/x', leadsTo: 'a.example' };
    for (const text of ['https://a.example/x', 'a.example', 'A.example/y']) expect(saysItself(text, link)).toBe(true);
    for (const text of ['docs', 'https://a.example.evil.example', 'b.example'])
      expect(saysItself(text, link)).toBe(false);
  });
});
