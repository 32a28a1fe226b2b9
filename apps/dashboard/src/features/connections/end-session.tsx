// Ends a session, with a reason that its page reads: the first press arms, the second ends.

import { useMutation } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { failureWords } from '../../session/api.ts';
import { useSession } from '../../session/use-session.ts';
import { DangerButton } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import styles from './connections.module.css';

export function EndSession({
  session: id,
  who,
  isOwn,
  isUp,
  onEnded,
}: {
  readonly session: string;
  readonly who: string;
  readonly isOwn: boolean;
  readonly isUp: boolean;
  readonly onEnded?: () => void;
}): ReactElement {
  const { session } = useSession();
  const [reason, setReason] = useState('');
  const end = useMutation({
    mutationFn: () => session.call('/api/sessions/end', { body: { session: id, reason } }),
    onSuccess: () => onEnded?.(),
  });
  if (isOwn) return <p className={styles.small}>This is the page you look at; sign out to end it.</p>;
  return (
    <div className={styles.end}>
      <Field
        label="Why it is ended"
        name="reason"
        autoComplete="off"
        isRequired={false}
        hint="The page that is ended shows it, up to 200 characters."
        value={reason}
        onChange={(text) => setReason(text.slice(0, 200))}
        error={end.isError ? failureWords(end.error) : undefined}
      />
      <DangerButton
        armedText="Press again to end"
        label={`End session of ${who}`}
        isDisabled={!isUp || end.isPending || end.isSuccess}
        onPress={() => end.mutate()}
      >
        {end.isSuccess ? 'Ended' : 'End this session'}
      </DangerButton>
    </div>
  );
}
