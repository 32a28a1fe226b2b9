// Who had which right when: what people may read changes while they read. The checker asks whether somebody could have
// been allowed something within a span of time.

import { mayRead, type Scope } from './channels.ts';

export class Rights {
  readonly #changes: { readonly at: number; readonly scope: Scope }[];

  constructor(scope: Scope) {
    this.#changes = [{ at: -Infinity, scope }];
  }

  get scope(): Scope {
    return this.#changes.at(-1)?.scope ?? 'viewer';
  }

  change(scope: Scope, at: number): void {
    this.#changes.push({ at, scope });
  }

  /** Whether a channel could not be read at any moment from one time to another, both included. */
  lackedAll(channel: string, from: number, to: number): boolean {
    return this.#changes.every(({ at, scope }, index) => {
      const until = this.#changes[index + 1]?.at ?? Infinity;
      return at > to || until < from || !mayRead(scope, channel);
    });
  }

  /** Since when a channel cannot be read; undefined: it can. */
  lackedSince(channel: string): number | undefined {
    if (mayRead(this.scope, channel)) return undefined;
    const last = this.#changes.findLastIndex(({ scope }) => mayRead(scope, channel));
    return this.#changes[last + 1]?.at;
  }
}
