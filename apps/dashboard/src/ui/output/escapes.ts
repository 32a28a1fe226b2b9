// Reads a line that was written for a terminal: text, control characters and escape sequences apart. Pure. Whatever a
// sequence asks for, only colours, weights and moves within the line are known to those who call this.

export type Token =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'control'; readonly code: number }
  /** `ESC [ 1 ; 31 m`: parameters and the final letter. */
  | { readonly kind: 'sequence'; readonly parameters: readonly number[]; readonly final: string };

// A sequence (CSI); a string that ends with BEL or ST, such as a title or a link (OSC, DCS, SOS, PM, APC); a sequence of
// two or three characters; else one control character. A string without its end hides nothing: only its beginning goes. It is
// over where another begins: else a line of nothing but beginnings would be read to its end from each of them.
const special =
  // oxlint-disable-next-line no-control-regex -- control characters are what it is for
  /(?:\u001B\[|\u009B)([0-?]*)([ -/]*)([@-~]?)|(?:\u001B[\]PX^_]|[\u009D\u0090\u0098\u009E\u009F])[^\u0007\u001B\u0090\u0098\u009C-\u009F]*(?:\u0007|\u001B\\|\u009C)|\u001B[ -/]*[0-~]?|[\u0000-\u0008\u000A-\u001F\u007F-\u009F]/g;

/** Whether a line holds anything but text and tabs. */
export function hasEscapes(line: string): boolean {
  return /[^\P{Cc}\t]/u.test(line);
}

/** A line in its parts. */
export function tokensOf(line: string): readonly Token[] {
  const tokens: Token[] = [];
  let from = 0;
  for (const match of line.matchAll(special)) {
    if (match.index > from) tokens.push({ kind: 'text', text: line.slice(from, match.index) });
    from = match.index + match[0].length;
    const [whole, parameters = '', intermediates = '', final = ''] = match;
    if (whole.length === 1 && whole !== '\u001B') {
      tokens.push({ kind: 'control', code: whole.charCodeAt(0) });
    } else if (final !== '' && intermediates === '' && !/[<=>?]/.test(parameters)) {
      tokens.push({ kind: 'sequence', parameters: numbersOf(parameters), final });
    }
  }
  if (from < line.length) tokens.push({ kind: 'text', text: line.slice(from) });
  return tokens;
}

/** `38;5;208` and, as some write it, `38:5:208`. What is left out is 0. At most 32: a line is hostile input. */
function numbersOf(parameters: string): readonly number[] {
  if (parameters === '') return [];
  return parameters.split(/[;:]/, 32).map((part) => (part.length > 5 ? 0 : Number(part)));
}
