// What operators do with rooms: make one, give it another title, put it away and take it out again.

import { useMutation } from '@tanstack/react-query';
import type { RoomRow } from '@telltale/hub/api';
import { useState, type FormEvent, type ReactElement } from 'react';
import { failureWords } from '../../session/api.ts';
import { useSession } from '../../session/use-session.ts';
import { Button, DangerButton } from '../../ui/button.tsx';
import { Choice, Field } from '../../ui/field.tsx';
import { roomNameOf, type OfferedRoom } from './rooms-model.ts';
import styles from './rooms.module.css';

function useRoomRequest(path: string): {
  readonly ask: (body: object, onDone: (row: RoomRow) => void) => void;
  readonly isAsking: boolean;
  readonly problem: string | undefined;
} {
  const { session } = useSession();
  const { mutate, isPending, error } = useMutation({
    mutationFn: (body: object) => session.call<RoomRow>(path, { body }),
  });
  return {
    ask: (body, onDone) => mutate(body, { onSuccess: onDone }),
    isAsking: isPending,
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
  const { ask, isAsking, problem } = useRoomRequest('/api/rooms');
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
        <Button type="submit" look="primary" isDisabled={isAsking || room === ''}>
          Make room
        </Button>
        <Button look="quiet" onPress={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

export function RoomTools({ offered }: { readonly offered: OfferedRoom }): ReactElement {
  const [isNaming, setNaming] = useState(false);
  const archiving = useRoomRequest('/api/rooms/archive');
  const archive = (archived: boolean): void => archiving.ask({ room: offered.room, archived }, () => {});
  if (isNaming) return <RenameRoom offered={offered} onClose={() => setNaming(false)} />;
  return (
    <div className={styles.toolsRow}>
      {archiving.problem === undefined ? null : (
        <span className={styles.problem} role="alert">
          {archiving.problem}
        </span>
      )}
      <Button size="small" onPress={() => setNaming(true)}>
        Rename
      </Button>
      {offered.isArchived ? (
        <Button size="small" isDisabled={archiving.isAsking} onPress={() => archive(false)}>
          Take out of the archive
        </Button>
      ) : (
        <DangerButton
          armedText="Press again"
          label={`Archive ${offered.title}`}
          isDisabled={archiving.isAsking}
          onPress={() => archive(true)}
        >
          Archive
        </DangerButton>
      )}
    </div>
  );
}

function RenameRoom({
  offered,
  onClose,
}: {
  readonly offered: OfferedRoom;
  readonly onClose: () => void;
}): ReactElement {
  const { ask, isAsking, problem } = useRoomRequest('/api/rooms/rename');
  const [title, setTitle] = useState(offered.title);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (title.trim() !== '') ask({ room: offered.room, title: title.trim() }, onClose);
  };
  return (
    <form className={styles.form} onSubmit={submit} aria-label={`Rename ${offered.title}`}>
      <Field
        label="Title"
        name="title"
        autoComplete="off"
        autoFocus
        value={title}
        onChange={setTitle}
        error={problem}
      />
      <div className={styles.formButtons}>
        <Button type="submit" look="primary" size="small" isDisabled={isAsking}>
          Rename
        </Button>
        <Button look="quiet" size="small" onPress={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
