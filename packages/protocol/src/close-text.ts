// The text of a close frame. Called wherever one is sent.

/**
 * The text of a close frame: `name: reason`, cut at a character so that it stays within the 123 bytes of RFC 6455
 * section 5.5.1 (REF6).
 */
export function closeText(name: string, reason: string): string {
  const text = reason === '' ? name : `${name}: ${reason}`;
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    const point = character.codePointAt(0) as number;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    if (bytes > 123) return text.slice(0, end);
    end += character.length;
  }
  return text;
}
