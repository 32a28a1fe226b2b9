// What the simulation holds the shipped code to, each by a name, and the collection of what was found to be otherwise.
// A fault says the property, the seed and the step, who saw it, and how to see it again.

/** The properties and what each says. Mutants (mutants/) name the one they must fail with. */
export const properties = {
  'no-loss': 'a message that is kept reaches every reader, and what is not kept is told as a gap',
  'no-duplicate': 'no reader gets a message twice',
  order: 'the messages of a channel come in the order of their offsets, and those of a sender as they were sent',
  'exact-gap': 'a gap names what is gone and nothing else',
  content: 'what comes at an offset is what was published there',
  'newest-value': 'a table that was read to its end has the newest value of every key',
  'removed-row': 'a table that was read to its end has no row that was removed',
  resume: 'who comes back to the same life of a log goes on where he stood; only another life begins anew',
  epoch: 'nothing of another life of a log comes without word of it',
  position:
    'a frame says where its reader stands: not before its messages, not before the last frame, not beyond the head',
  freshness: 'who reads over a line that works has everything that is older than the promise',
  'honest-live': 'what says that it is live is no older than the promise, whatever the line does',
  rights: 'nothing that was published after a right was withdrawn comes to who has lost it',
  'rights-told': 'who has lost a right is told within two seconds',
  ended: 'nothing of a channel comes after the end of its subscription',
  once: 'what was published once is appended once',
  outcome: 'what a sender was told became of a message did become of it',
  retention: 'a log keeps as much as its bounds say, not one less and not one more',
  calm: 'in calm everybody comes back and stands at the head',
  clean: 'the gateway logs no error, and nothing is left behind when all have gone',
} as const;

export type Property = keyof typeof properties;

/** The order in which the faults of one step are told: what says most comes first. */
const ranks = Object.keys(properties);

interface Fault {
  readonly property: Property;
  readonly who: string;
  readonly found: string;
}

/** A property that did not hold. */
export class PropertyFault extends Error {
  readonly property: Property;

  constructor(property: Property, message: string) {
    super(message);
    this.name = 'PropertyFault';
    this.property = property;
  }
}

export class Faults {
  readonly #seed: number;
  readonly #found: Fault[] = [];
  /** What was done, newest last, for who looks into a fault. */
  readonly #deeds: string[] = [];
  #step = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Notes the next step of the run. */
  begin(deed: string): void {
    this.#step++;
    this.#deeds.push(`${this.#step} ${deed}`);
    if (this.#deeds.length > 12) this.#deeds.shift();
  }

  add(property: Property, who: string, found: string): void {
    this.#found.push({ property, who, found });
  }

  /** Throws where something was found. */
  check(): void {
    const [first] = this.#found.sort((one, other) => ranks.indexOf(one.property) - ranks.indexOf(other.property));
    if (first === undefined) return;
    const others = this.#found.length - 1;
    const lines = [
      `[${first.property}] ${properties[first.property]}`,
      `found: ${first.who}: ${first.found}${others === 0 ? '' : ` (and ${others} more)`}`,
      `at seed ${this.#seed}, step ${this.#step}, after: ${this.#deeds.join(' · ')}`,
      `again: TELLTALE_TEST_SIMULATION_SEED=${this.#seed} npx vitest run --project unit tests/simulation/simulation.test.ts`,
    ];
    throw new PropertyFault(first.property, lines.join('\n'));
  }
}
