// Which tab this is, and which others are there. A tab has its name from its session storage, so the same after a reload,
// and holds a lock under it while it lives: the browser lets go of that however the tab ends.

export interface Tab {
  /** 22 characters of `[A-Za-z0-9_-]`. It changes once where this tab is the copy of another. */
  readonly id: string;
  /** Ids of all tabs that are there; undefined: this browser does not say, as to a page that came by plain HTTP. */
  here(): Promise<ReadonlySet<string> | undefined>;
}

export interface TabWorld {
  /** Of this tab alone. */
  readonly storage: Storage | undefined;
  readonly locks: Pick<LockManager, 'request' | 'query'> | undefined;
  readonly randomId: () => string;
}

const key = 'telltale.tab';
const lockPrefix = 'telltale.tab.';
/** A page that is reloaded may still hold its lock for a moment; one whose copy this is holds it on. */
const claimMs = 1_000;

export function createTab({ storage, locks, randomId }: TabWorld): Tab {
  const named = (): string => {
    const id = randomId();
    try {
      storage?.setItem(key, id);
    } catch {
      // A reload makes another tab of this one, which takes over what it had begun.
    }
    return id;
  };
  let id = storage?.getItem(key) ?? named();
  const claim = async (): Promise<void> => {
    // Held until the page ends.
    const hold = (): Promise<never> => new Promise(() => {});
    await locks?.request(lockPrefix + id, { signal: AbortSignal.timeout(claimMs) }, hold);
  };
  const isTaken = async (): Promise<boolean> => {
    const { held = [] } = (await locks?.query()) ?? {};
    return held.some(({ name }) => name === lockPrefix + id);
  };
  void claim()
    .catch(async () => {
      // Taken: this tab is a copy, which had the other's session storage with it. Else only the answer was slow.
      if (await isTaken()) id = named();
      await claim();
    })
    .catch(() => {});
  return {
    get id() {
      return id;
    },
    async here() {
      if (locks === undefined) return undefined;
      const { held = [], pending = [] } = await locks.query();
      return new Set([...held, ...pending].flatMap(({ name = '' }) => name.split(lockPrefix)[1] ?? []));
    },
  };
}

let tab: Tab | undefined;

/** Of this page. */
export function pageTab(randomId: () => string): Tab {
  tab ??= createTab({
    storage: sessionStorageOf(),
    // Without https a browser has none.
    locks: (navigator as Partial<Navigator>).locks,
    randomId,
  });
  return tab;
}

function sessionStorageOf(): Storage | undefined {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}
