// The people one may name, above the field while one types a name. Its keys are the field's.

import type { ReactElement } from 'react';
import { personName } from '../../words/name.ts';
import styles from './composer.module.css';
import type { Person } from './mention-model.ts';

export function NameList({
  id,
  people,
  current,
  onChoose,
}: {
  readonly id: string;
  readonly people: readonly Person[];
  readonly current: Person | undefined;
  readonly onChoose: (person: Person) => void;
}): ReactElement {
  return (
    <div className={styles.names} id={id} role="listbox" aria-label="People" hidden={people.length === 0}>
      {people.map((person) => (
        // The field has the keys, this is for the pointer.
        // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- as above
        <div
          key={person.id}
          id={`${id}-${person.id}`}
          role="option"
          tabIndex={-1}
          aria-selected={person === current}
          // Before the field loses the focus.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onChoose(person)}
        >
          <bdi>{personName(person.subject)}</bdi>
          {person.name === null ? null : <bdi className={styles.fullName}>{personName(person.name)}</bdi>}
        </div>
      ))}
    </div>
  );
}
