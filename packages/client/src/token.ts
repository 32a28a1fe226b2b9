// Holds the token that works and asks the application for a new one only when it is needed, once at a time. The token
// itself goes to the socket and nowhere else.

export interface TokenSource {
  /** The held token, or a new one if there is none or `fresh` is wanted. Rejects as the provider does. */
  get(fresh: boolean): Promise<string | undefined>;
  /** The held one must not be used again: signed out, refused. */
  forget(): void;
  readonly canRenew: boolean;
}

export function createTokenSource(
  provider: (() => string | undefined | Promise<string | undefined>) | undefined,
): TokenSource {
  let held: string | undefined;
  let pending: Promise<string | undefined> | undefined;
  return {
    canRenew: provider !== undefined,
    get(fresh) {
      if (held !== undefined && !fresh) return Promise.resolve(held);
      if (pending === undefined) {
        // Through a promise's executor, so that what throws rejects.
        const mine = new Promise<string | undefined>((resolve) => resolve(provider?.()))
          .then((token) => {
            if (pending === mine) held = token || undefined;
            return token || undefined;
          })
          .finally(() => {
            if (pending === mine) pending = undefined;
          });
        pending = mine;
      }
      return pending;
    },
    forget() {
      held = pending = undefined;
    },
  };
}
