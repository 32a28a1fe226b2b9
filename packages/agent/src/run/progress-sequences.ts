// Finds in a command's output what it tells its terminal of its progress: ESC ] 9 ; 4 ; state ; percent, ended by BEL or
// ESC \, as ConEmu began it and Windows Terminal, Ghostty, Konsole and systemd took it up. Holds at most one sequence that
// has not ended; changes no byte and knows no run.

/** What a sequence says: 0 takes progress back, 1 sets it, 2 an error, 3 no percent is known, 4 paused. */
export interface TerminalProgress {
  readonly state: 0 | 1 | 2 | 3 | 4;
  /** 0 to 100; absent: not said. */
  readonly percent?: number;
}

const escape = 0x1b;
const bell = 0x07;
const backslash = 0x5c;
const opening = '\u001b]9;4;';
/** More than a state and a percent take. */
const mostBody = 8;

/** Reads one stream, in whatever chunks it comes; calls back for each sequence. */
export function createProgressSequences(onProgress: (progress: TerminalProgress) => void): (bytes: Uint8Array) => void {
  /** Bytes of `opening` that were seen. */
  let opened = 0;
  let body = '';
  /** An ESC came behind the body: a backslash ends it. */
  let isEnding = false;

  function begin(byte: number): void {
    opened = byte === escape ? 1 : 0;
    body = '';
    isEnding = false;
  }
  function end(): void {
    const [, state, percent = ''] = /^([0-4])(?:;(\d{0,3}))?$/.exec(body) ?? [];
    if (state !== undefined) {
      const known = percent === '' ? {} : { percent: Math.min(100, Number(percent)) };
      onProgress({ state: Number(state) as TerminalProgress['state'], ...known });
    }
    begin(0);
  }
  function take(byte: number): void {
    if (opened < opening.length) {
      if (byte === opening.charCodeAt(opened)) opened++;
      else begin(byte);
    } else if (byte === bell || (isEnding && byte === backslash)) end();
    else if (isEnding) {
      // That ESC began something else, which may be the next sequence.
      begin(escape);
      take(byte);
    } else if (byte === escape) isEnding = true;
    else if (body.length < mostBody) body += String.fromCharCode(byte);
    else begin(byte);
  }

  return (bytes) => {
    for (let at = 0; at < bytes.length; at++) {
      if (opened === 0) {
        // Output is searched by the platform, and looked at byte by byte only behind an ESC.
        at = bytes.indexOf(escape, at);
        if (at < 0) return;
      }
      take(bytes[at] ?? 0);
    }
  };
}
