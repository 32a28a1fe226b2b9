// The one place where a text a machine has sent becomes one that may be kept and shown: one line, of a bounded length,
// in the order in which it is read. Such texts stay data wherever they go; they are never refused, since a machine
// cannot help its name.

/**
 * What would end a line, reorder what stands beside it, or is no character: control characters, line and paragraph
 * separators, controls of the writing direction (Unicode 9, 3.1), byte order marks, halves of surrogate pairs.
 */
const hostile = /[\p{Cc}\p{Cs}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** A text of at most so many characters, with U+FFFD in the place of each that could forge what it stands beside. */
export function plainText(text: string, mostCharacters: number): string {
  // So many units hold more characters than that: a long text is cut before it is looked at.
  const clean = text
    .slice(0, mostCharacters * 2 + 2)
    .replace(hostile, '\ufffd')
    .trim();
  const characters = [...clean];
  return characters.length <= mostCharacters ? clean : `${characters.slice(0, mostCharacters - 1).join('')}…`;
}
