// What operators do with rooms: make one, give it another title, put it away and take it out again.

import { useMutation } from '@tanstack/react-query';
import type { RoomRow } from '@telltale/hub/api';
import { useState, type FormEvent, type ReactElement } from 'react';
import { Dialog, DialogTrigger } from 'react-aria-components/Dialog';
import { Popover } from 'react-aria-components/Popover';
import { failureWords } from '../../session/api.ts';
import { useSession } from '../../session/use-session.ts';
import { Button, DangerButton } from '../../ui/button.tsx';
import { Choice, Field } from '../../ui/field.tsx';
import { Icon } from '../../ui/icon.tsx';
import { personName } from '../../words/name.ts';
import { roomNameOf, type OfferedRoom } from './rooms-model.ts';
import styles from './rooms.module.css';

function useRoomRequest(path: string): {
  readonly ask: (body: object, onDone: (row: RoomRow) => void) => void;
  readonly problem: string | undefined;
} {
  const { session } = useSession();
  const { mutate, isPending, error } = useMutation({
    mutationFn: (body: object) => session.call<RoomRow>(path, { body }),
  });
  return {
    // Once at a time. The button is not taken away meanwhile, or the keys would go with it.
    ask(body, onDone) {
      if (!isPending) mutate(body, { onSuccess: onDone });
    },
    problem: error === null ? undefined : failureWords(error),
  };
}

export function NewRoom({
  onMade,
  onClose,
}: {
  readonly onMade: (room: string) => void;
  readonly onClose: () => void;
}): ReactElement {
  const { ask, problem } = useRoomRequest('/api/rooms');
  const [title, setTitle] = useState('');
  const [writers, setWriters] = useState('viewers');
  const [members, setMembers] = useState('');
  const room = roomNameOf(title);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const named = members.split(/[\s,]+/).filter((name) => name !== '');
    if (room === '') return;
    ask({ room, title: title.trim(), writers, ...(named.length === 0 ? {} : { members: named }) }, (row) =>
      onMade(row.room),
    );
  };
  return (
    <form className={styles.form} onSubmit={submit} aria-label="New room">
      <Field
        label="Title"
        name="title"
        autoComplete="off"
        autoFocus
        value={title}
        onChange={setTitle}
        hint={room === '' ? 'It needs a letter or a figure.' : `Programs know it as chat/${room}`}
        error={problem}
      />
      <Choice
        label="Who writes"
        name="writers"
        value={writers}
        onChange={setWriters}
        options={[
          { value: 'viewers', text: 'Everybody who reads' },
          { value: 'operators', text: 'Operators' },
        ]}
      />
      <Field
        label="Members"
        name="members"
        autoComplete="off"
        isRequired={false}
        value={members}
        onChange={setMembers}
        hint="User names. Empty: everybody sees it."
      />
      <div className={styles.formButtons}>
        <Button type="submit" look="primary" isDisabled={room === ''}>
          Make room
        </Button>
        <Button look="quiet" onPress={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

/** Behind one button, since none of it is daily. */
export function RoomTools({ offered }: { readonly offered: OfferedRoom }): ReactElement {
  const [isOpen, setOpen] = useState(false);
  const [box, setBox] = useState<Element | null>(null);
  const name = personName(offered.title);
  return (
    <div ref={setBox}>
      <DialogTrigger isOpen={isOpen} onOpenChange={setOpen}>
        <Button look="quiet" size="small" icon label={`Rename or archive ${name}`}>
          <Icon name="ellipsis" size={14} />
        </Button>
        <Popover
          className={styles.popover ?? ''}
          placement="bottom end"
          offset={4}
          // Inside the page's landmark, where screen readers look for it.
          {...(box === null ? {} : { UNSTABLE_portalContainer: box })}
        >
          <Dialog className={styles.dialog ?? ''} aria-label={`Room ${name}`}>
            <RenameRoom offered={offered} onDone={() => setOpen(false)} />
            <ArchiveRoom offered={offered} onDone={() => setOpen(false)} />
          </Dialog>
        </Popover>
      </DialogTrigger>
    </div>
  );
}

function RenameRoom({ offered, onDone }: { readonly offered: OfferedRoom; readonly onDone: () => void }): ReactElement {
  const { ask, problem } = useRoomRequest('/api/rooms/rename');
  const [title, setTitle] = useState(offered.title);
  const bare = title.trim();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (bare !== '') ask({ room: offered.room, title: bare }, onDone);
  };
  return (
    <form className={styles.form} onSubmit={submit} aria-label={`Rename ${personName(offered.title)}`}>
      <Field
        label="Title"
        name="title"
        autoComplete="off"
        value={title}
        onChange={setTitle}
        hint={`Programs know it as chat/${offered.room}, also when it is renamed.`}
        error={problem}
      />
      <div className={styles.formButtons}>
        <Button type="submit" size="small" isDisabled={bare === '' || bare === offered.title}>
          Rename
        </Button>
      </div>
    </form>
  );
}

function ArchiveRoom({
  offered,
  onDone,
}: {
  readonly offered: OfferedRoom;
  readonly onDone: () => void;
}): ReactElement {
  const { ask, problem } = useRoomRequest('/api/rooms/archive');
  const archive = (archived: boolean): void => ask({ room: offered.room, archived }, onDone);
  return (
    <div className={styles.archive}>
      <p>
        {offered.isArchived
          ? 'It is read, and nobody writes there any more.'
          : 'Archived, it is read still, and nobody writes there.'}
      </p>
      {offered.isArchived ? (
        <Button size="small" onPress={() => archive(false)}>
          Take out of the archive
        </Button>
      ) : (
        <DangerButton
          armedText="Press again"
          label={`Archive ${personName(offered.title)}`}
          onPress={() => archive(true)}
        >
          Archive
        </DangerButton>
      )}
      {problem === undefined ? null : (
        <p className={styles.problem} role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
