// One copy of texts that many attempts have alike: origins, paths, names of browsers. A session keeps its attempt as long as
// it lives, and each request comes with copies of its own. Called by admit.ts; bounded, whatever strangers send.

/** A text that is the same, kept once for all. */
export type ShareText = (text: string) => string;

/** @param most texts known at once; beyond that all are forgotten, which costs a copy each and nothing else */
export function createSharedTexts(most = 1_000): ShareText {
  const known = new Map<string, string>();
  return (text) => {
    const first = known.get(text);
    if (first !== undefined) return first;
    if (known.size >= most) known.clear();
    // A copy, since V8 lets a part of a text keep the whole, which may be a request's target with its token.
    const copy = Buffer.from(text).toString();
    known.set(copy, copy);
    return copy;
  };
}
