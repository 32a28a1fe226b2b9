// The form of a refusal's text, and the turns of phrase that texts share. Used by explain-refusals.ts and
// explain-credentials.ts only, which hold the texts themselves.

/** What is known about a refused attempt. All of it is shown to whoever made the attempt: never a credential. */
export interface RefusalFound {
  /** Path without query. */
  readonly path?: string;
  readonly origin?: string;
  readonly host?: string;
  /** Name of the header or query parameter in question. */
  readonly field?: string;
  /** The value found. */
  readonly value?: string;
  /** What would have been right. */
  readonly expected?: string;
  /** Seconds since the token's expiry, or until it becomes valid. */
  readonly seconds?: number;
  /** The bound that was passed. */
  readonly limit?: number;
}

type Text = (found: RefusalFound) => string;

export interface RefusalText {
  readonly title: string;
  readonly reason: Text;
  readonly hint: Text | string;
}

export const quoted = (text: string | undefined, otherwise: string): string =>
  text === undefined ? otherwise : `"${text}"`;
export const found = (text: string | undefined): string => (text === undefined ? '' : `: found ${text}`);
export const expected = (text: string | undefined): string => (text === undefined ? '' : `, expected ${text}`);
export const asked = ({ value, expected: right }: RefusalFound): string => found(value) + expected(right);
