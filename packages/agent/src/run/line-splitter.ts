// Bytes to lines: what a process or a file says, split at its line feeds and cut to what a message may hold. Joined, the
// parts of a line are the line, whatever bytes came in whatever chunks. Knows neither clocks nor who reads.

import { StringDecoder } from 'node:string_decoder';
import { runBounds } from '../run-state.ts';

/** A line, or a part of one; the fields mean what they mean in `Line`. */
export interface LinePiece {
  readonly text: string;
  readonly part?: number;
  readonly more?: true;
}

export interface LineSplitter {
  write(bytes: Uint8Array): void;
  /** Lets go of what is held of a line that has not ended yet, as a part with `more`. */
  show(): void;
  /** Closes the last line, if it had no line feed. */
  end(): void;
  /** Whether something of an unfinished line is held back. */
  readonly isHolding: boolean;
}

const lineFeed = '\n';

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

/** So much of a text, from a place on, as may stand in one message; no character is cut in two. */
export function pieceOf(text: string, from: number, most: number): string {
  const isCut = text.length - from > most && isHighSurrogate(text.charCodeAt(from + most - 1));
  return text.slice(from, from + (isCut ? most - 1 : most));
}

/** A whole line, in parts if it is longer than `most` characters. */
export function partsOf(line: string, most: number = runBounds.lineCharacters): readonly LinePiece[] {
  if (line.length <= most) return [{ text: line }];
  const parts: LinePiece[] = [];
  for (let from = 0; from < line.length;) {
    const text = pieceOf(line, from, most);
    from += text.length;
    const part = { text, part: parts.length };
    parts.push(from < line.length ? { ...part, more: true } : part);
  }
  return parts;
}

/** Calls `emit` for each line, and each part of a line longer than `most` characters, as soon as it is complete. */
export function createLineSplitter(
  emit: (piece: LinePiece) => void,
  most: number = runBounds.lineCharacters,
): LineSplitter {
  // Bytes that are no UTF-8 become U+FFFD, as they would all at once.
  const decoder = new StringDecoder('utf8');
  let held = '';
  /** Parts of the present line that were let go. */
  let parts = 0;

  /** Lets go of whole parts, until what is left fits in one message. */
  function cut(): void {
    let from = 0;
    while (held.length - from > most) {
      const text = pieceOf(held, from, most);
      emit({ text, part: parts++, more: true });
      from += text.length;
    }
    held = held.slice(from);
  }
  function finish(): void {
    if (held.length > most) cut();
    emit(parts === 0 ? { text: held } : { text: held, part: parts });
    held = '';
    parts = 0;
  }

  return {
    write(bytes) {
      const text = decoder.write(bytes as Buffer);
      let from = 0;
      for (let end = text.indexOf(lineFeed); end >= 0; end = text.indexOf(lineFeed, from)) {
        held += text.slice(from, end);
        finish();
        from = end + 1;
      }
      held += text.slice(from);
      if (held.length > most) cut();
    },
    show() {
      if (held === '') return;
      emit({ text: held, part: parts++, more: true });
      held = '';
    },
    end() {
      held += decoder.end();
      if (held !== '' || parts > 0) finish();
    },
    get isHolding() {
      return held !== '';
    },
  };
}
