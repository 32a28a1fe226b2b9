// What people may write: one place where a text from outside becomes one that is kept. It stays what was written; only
// what is no character, or would end a line elsewhere, is taken out. Too long, or nothing to see, is told in words.

/** In UTF-16 units, as a page counts them. */
export const mostTextUnits = 4000;
export const mostTitleUnits = 80;

export type CheckedText =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'wrong'; readonly why: string };

/** Control characters but tab and line feed, byte order marks, halves of surrogate pairs. */
const noCharacter = /(?![\t\n])[\p{Cc}\p{Cs}\ufeff]/gu;
/** Something that leaves a mark on a screen: no space, no control, nothing of zero width. */
const visible = /[^\s\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800\ufffd]/u;

/** A message's text, with line feeds as line ends, without empty lines before and white space behind. */
export function checkText(given: string): CheckedText {
  // A frame bounds it already; what is far too long need not be looked at.
  const over = given.length - mostTextUnits * 4;
  const text =
    over > 0
      ? given
      : given
          .replace(/\r\n?|[\u2028\u2029]/g, '\n')
          .replace(noCharacter, '\ufffd')
          .replace(/^(?:[^\S\n]*\n)+/, '')
          .trimEnd();
  if (text.length > mostTextUnits) {
    const excess = text.length - mostTextUnits;
    const why = `too long by ${excess} ${excess === 1 ? 'character' : 'characters'}: found ${text.length}, expected at most ${mostTextUnits}`;
    return { kind: 'wrong', why };
  }
  if (!visible.test(text)) return { kind: 'wrong', why: 'found nothing that can be seen, expected a text' };
  return { kind: 'text', text };
}

/** Whether anything of a text can be seen. */
export function isVisible(text: string): boolean {
  return visible.test(text);
}

const emojiCharacters =
  /^(?:[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}0-9#*]|\u200d|\ufe0f|\u20e3|[\u{e0020}-\u{e007f}]){1,16}$/u;
const emojiCore = /\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|[0-9#*]\ufe0f?\u20e3/u;
const graphemes = new Intl.Segmenter();

/** Whether a text is one emoji as people see it; also one that is newer than this process. */
export function isEmoji(text: string): boolean {
  return emojiCharacters.test(text) && emojiCore.test(text) && [...graphemes.segment(text)].length === 1;
}
