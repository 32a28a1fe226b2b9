// What this browser keeps for its pages, by name. Where it keeps nothing, everything answers so.

/** Everything of chat begins so. */
export const keepPrefix = 'telltale.chat';

/** Undefined: this browser lets pages keep nothing. */
export function browserStorage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}

export function namesOf(storage: Storage | undefined): readonly string[] {
  return Array.from({ length: storage?.length ?? 0 }, (_, index) => storage?.key(index) ?? '');
}

export function read(storage: Storage | undefined, name: string): string | undefined {
  return storage?.getItem(name) ?? undefined;
}

/** What was written there as JSON; undefined: nothing, or nothing that this page wrote. */
export function readObject(storage: Storage | undefined, name: string): object | undefined {
  try {
    const value: unknown = JSON.parse(read(storage, name) ?? 'null');
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** @returns whether it is kept */
export function write(storage: Storage | undefined, name: string, text: string | undefined): boolean {
  if (storage === undefined) return false;
  try {
    if (text === undefined) storage.removeItem(name);
    else storage.setItem(name, text);
    return true;
  } catch {
    // The storage is full.
    return false;
  }
}
