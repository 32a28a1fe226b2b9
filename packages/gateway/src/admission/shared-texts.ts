// One copy of texts that many attempts have alike: origins, paths, names of browsers. A session keeps its attempt as long as
// it lives, and each request comes with copies of its own. Called by admit.ts; bounded, whatever strangers send.

/** A text as it was first seen; another one where it has not been. */
export type ShareText = (text: string) => string;

/** @param most texts known at once; beyond that all are forgotten, which costs a copy each and nothing else */
export function createSharedTexts(most = 1_000): ShareText {
  const known = new Map<string, string>();
  return (text) => {
    const first = known.get(text);
    if (first !== undefined) return first;
    if (known.size >= most) known.clear();
    known.set(text, text);
    return text;
  };
}
