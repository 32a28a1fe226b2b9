// The one kind of error a start may end with that is no bug: what is wrong, in sentences a person can act on. Thrown by
// settings, storage and the server; the command prints the sentences and exits, without a stack.

/** Something outside the program stops the start: a setting, a directory, a port, a damaged file. */
export class StartFault extends Error {
  readonly code = 'ERR_START';
  /** One sentence per fault: what was found, what was expected, what to do. */
  readonly sentences: readonly string[];

  constructor(sentences: readonly string[], options?: { cause?: unknown }) {
    super(sentences.join('\n'), options);
    this.name = 'StartFault';
    this.sentences = sentences;
  }
}

/** The `code` of a system or database error, `EADDRINUSE` or `SQLITE_NOTADB`; empty if it has none. */
export function errorCode(error: unknown): string {
  const code = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : '';
}
