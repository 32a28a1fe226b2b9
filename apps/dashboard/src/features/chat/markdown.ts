// Reads the small Markdown of a message: paragraphs, code blocks, lists; bold, code, links and people's names inside. A
// text in, a tree of plain values out, never markup: what it does not know stays text. Nothing nests deeper than a line in
// a list and code in bold, so a text that means to be deep comes out flat. Pure.

import { mentionSource, withoutStop } from '@telltale/hub/mention';
import { linkOf, type SafeLink } from './safe-link.ts';

export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'bold'; readonly parts: readonly Inline[] }
  | { readonly kind: 'link'; readonly text: string; readonly link: SafeLink }
  /** A name as it was written, without its `@`; whether somebody has it is not known here. */
  | { readonly kind: 'name'; readonly name: string };

export type Block =
  /** Lines of a paragraph, each with its parts. */
  | { readonly kind: 'lines'; readonly lines: readonly (readonly Inline[])[] }
  | { readonly kind: 'code'; readonly text: string }
  | {
      readonly kind: 'list';
      readonly isOrdered: boolean;
      readonly start: number;
      readonly items: readonly (readonly Inline[])[];
    };

const fence = /^ {0,3}```[^`]*$/;
const bullet = /^ {0,3}[-*] +(.*)$/;
const number = /^ {0,3}(\d{1,6})[.)] +(.*)$/;

export function blocksOf(text: string): readonly Block[] {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const blocks: Block[] = [];
  let paragraph: (readonly Inline[])[] = [];
  const end = (): void => {
    if (paragraph.length > 0) blocks.push({ kind: 'lines', lines: paragraph });
    paragraph = [];
  };
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (fence.test(line)) {
      const close = lines.findIndex((other, at) => at > index && /^ {0,3}```\s*$/.test(other));
      // A block that nobody closed goes on to the end, as people who type it see it.
      const stop = close === -1 ? lines.length : close;
      end();
      blocks.push({ kind: 'code', text: lines.slice(index + 1, stop).join('\n') });
      index = stop;
      continue;
    }
    const [, item] = bullet.exec(line) ?? [];
    const [, figure, numbered] = number.exec(line) ?? [];
    if (item === undefined && numbered === undefined) {
      if (line.trim() === '') end();
      else paragraph.push(inlinesOf(line));
      continue;
    }
    end();
    const isOrdered = item === undefined;
    const last = blocks.at(-1);
    const entry = inlinesOf(item ?? numbered ?? '');
    const isNext = index > 0 && (isOrdered ? number : bullet).test(lines[index - 1] ?? '');
    if (isNext && last?.kind === 'list' && last.isOrdered === isOrdered) {
      blocks[blocks.length - 1] = { ...last, items: [...last.items, entry] };
    } else blocks.push({ kind: 'list', isOrdered, start: Number(figure ?? 1), items: [entry] });
  }
  end();
  return blocks;
}

// One of: `code`, **bold**, [text](address), an address, @name. Each alternative ends at a sign that it can't hold, so
// that a line is read once.
const token = new RegExp(
  [
    /`([^`]+)`/,
    /\*\*([^*]+)\*\*/,
    /\[([^[\]]+)\]\(([^\s()<>]+)\)/,
    /((?:https?:\/\/|mailto:)[^\s<>"'`]+)/,
    new RegExp(mentionSource, 'u'),
  ]
    .map(({ source }) => source)
    .join('|'),
  'giu',
);

/** The parts of one line. */
export function inlinesOf(line: string, isInBold = false): readonly Inline[] {
  const parts: Inline[] = [];
  let at = 0;
  const say = (text: string): void => {
    const last = parts.at(-1);
    if (text === '') return;
    if (last?.kind === 'text') parts[parts.length - 1] = { kind: 'text', text: last.text + text };
    else parts.push({ kind: 'text', text });
  };
  for (const found of line.matchAll(token)) {
    say(line.slice(at, found.index));
    const [whole] = found;
    const { part, rest } = partOf(found, isInBold);
    if (part === undefined) say(whole);
    else {
      parts.push(part);
      say(rest);
    }
    at = found.index + whole.length;
  }
  say(line.slice(at));
  return parts;
}

function partOf(
  [, code, bold, words, target, address, name]: RegExpExecArray,
  isInBold: boolean,
): { readonly part: Inline | undefined; readonly rest: string } {
  if (code !== undefined) return { part: { kind: 'code', text: code }, rest: '' };
  if (bold !== undefined) {
    const isBold = !isInBold && bold.trim() !== '';
    return { part: isBold ? { kind: 'bold', parts: inlinesOf(bold, true) } : undefined, rest: '' };
  }
  if (words !== undefined && target !== undefined) {
    const link = linkOf(target);
    return { part: link === undefined ? undefined : { kind: 'link', text: words, link }, rest: '' };
  }
  if (address !== undefined) {
    // A sentence may end behind an address.
    const bare = address.replace(/[.,;:!?)\]}*]+$/, '');
    const link = linkOf(bare);
    return {
      part: link === undefined ? undefined : { kind: 'link', text: bare, link },
      rest: address.slice(bare.length),
    };
  }
  if (name === undefined) return { part: undefined, rest: '' };
  const bare = withoutStop(name);
  return { part: { kind: 'name', name: bare }, rest: name.slice(bare.length) };
}
