// When what agents have reported goes into storage: soon where its loss would mislead, lazily where it would not, always
// in one transaction, and again where the disk took nothing. Called by the registry, which knows what is saved.

export interface ReportSaverOptions {
  readonly save: (names: readonly string[]) => Promise<void>;
  /** Told once until saving works again. */
  readonly onFailed: (error: unknown) => void;
  /** How long what is saved lazily may be unsaved, in milliseconds. */
  readonly lazyMs: number;
  readonly now: () => number;
}

export class ReportSaver {
  readonly #options: ReportSaverOptions;
  /** Names with something unsaved, and when it is due. */
  readonly #due = new Map<string, number>();
  #saving: Promise<void> | undefined;
  #hasFailed = false;

  constructor(options: ReportSaverOptions) {
    this.#options = options;
  }

  mark(name: string, saved: 'soon' | 'lazily'): void {
    const at = this.#options.now() + (saved === 'soon' ? 0 : this.#options.lazyMs);
    const due = this.#due.get(name);
    // A clock that was set back must not put off what is due.
    this.#due.set(name, due === undefined ? at : Math.min(due, at));
  }

  /** Saves what is due, unless the last time is not over. */
  tick(): void {
    if (this.#saving !== undefined) return;
    const now = this.#options.now();
    const names = [...this.#due].flatMap(([name, at]) => (at <= now ? [name] : []));
    if (names.length > 0) void this.#save(names);
  }

  /** Saves everything; resolves also where the disk took nothing, which was told. */
  async flush(): Promise<void> {
    await this.#saving;
    if (this.#due.size > 0) await this.#save([...this.#due.keys()]);
  }

  #save(names: readonly string[]): Promise<void> {
    // Taken off first: what is marked while the disk works is due anew.
    for (const name of names) this.#due.delete(name);
    this.#saving = this.#options
      .save(names)
      .then(
        () => {
          this.#hasFailed = false;
        },
        (error: unknown) => {
          for (const name of names) this.mark(name, 'soon');
          if (!this.#hasFailed) this.#options.onFailed(error);
          this.#hasFailed = true;
        },
      )
      .finally(() => {
        this.#saving = undefined;
      });
    return this.#saving;
  }
}
