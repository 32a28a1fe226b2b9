// How people are named in a text: an `@` and a user name. One definition for the hub, which tells who was named, and for the
// pages, which offer names and mark them. Pure; runs in a browser as well.

/** Not inside a word: an address of mail names nobody. */
const start = String.raw`(?<![\p{L}\p{N}\p{M}@._%+-])@`;
/** Letters and figures of any script, with their marks. */
const first = String.raw`[\p{L}\p{N}]`;
const other = String.raw`[\p{L}\p{N}\p{M}._-]`;
const name = `${first}${other}{0,63}`;

/** Source of a regular expression, for the flag `u`: `@name`, the name as its only group. */
export const mentionSource: string = `${start}(${name})`;
/** The same for what is still being typed, up to the end of the text. */
export const begunMentionSource: string = `${start}((?:${name})?)$`;

const mention = new RegExp(mentionSource, 'gu');
const nameable = new RegExp(`^${name}$`, 'u');

/** Whether somebody with this user name can be named in a text. */
export function isNameable(subject: string): boolean {
  return nameable.test(subject);
}

/** What names are compared by: upper case is as good as lower, and a letter with its mark is one however it is written. */
export function mentionKey(subject: string): string {
  return subject.normalize('NFC').toLowerCase();
}

/** A name as it was written, without what ends the sentence behind it. */
export function withoutStop(written: string): string {
  return written.replace(/[.-]+$/, '');
}

/** Keys of all names in a text. */
export function mentionKeysIn(text: string): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const [, written = ''] of text.matchAll(mention)) {
    keys.add(mentionKey(written));
    // The dot that ends a sentence may belong to a name, too.
    keys.add(mentionKey(withoutStop(written)));
  }
  return keys;
}
