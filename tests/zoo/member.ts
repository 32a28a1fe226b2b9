// What a member of the zoo is: one thing that is broken, small enough to be seen whole, and what doctor must say of it.
// docs/does-not-connect.md cites members by name; tests/doctor-zoo.test.ts runs them all.

export interface Member {
  /** Kebab-case word for the fault, as the document cites it. */
  readonly name: string;
  /** What is broken, for the title of its test. */
  readonly fault: string;
  /** It waits far more than it works, so that it takes no other's turn. */
  readonly waits?: true;
  /** The program it needs beside Node. */
  readonly tool?: 'nginx';
  readonly open: () => Promise<Running>;
  readonly verdict: Expected;
}

export interface Running {
  /** The address to examine. */
  readonly url: string;
  /** What else the command is given. */
  readonly flags?: readonly string[];
  end(): Promise<void>;
}

export interface Expected {
  readonly id: string;
  /** Where it is broken; absent: nowhere. */
  readonly hop?: string;
  /** 0 all is well, 1 it connects with a warning, 2 it does not. Default 2. */
  readonly exit?: 0 | 1 | 2;
  /** What the last line must say beside. */
  readonly says: RegExp;
}
