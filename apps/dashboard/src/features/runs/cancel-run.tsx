// Ends a run, for operators: the first press arms, the second asks. What was asked stays until the machine has answered.

import { useMutation } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useLine } from '../../live/live.tsx';
import { failureWords } from '../../session/api.ts';
import { useSession } from '../../session/use-session.ts';
import { DangerButton } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import styles from './run.module.css';

export interface CancelRun {
  readonly cancel: () => void;
  /** Asked, and the hub has not answered. */
  readonly isAsking: boolean;
  /** Why it was not done. */
  readonly problem: string | undefined;
}

export function useCancelRun(run: string): CancelRun {
  const { session } = useSession();
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => session.call('/api/runs/cancel', { body: { run } }),
  });
  return { cancel: mutate, isAsking: isPending, problem: error === null ? undefined : failureWords(error) };
}

export function CancelButton({ cancel, isAsking }: CancelRun): ReactElement {
  const { isUp } = useLine();
  return (
    <DangerButton
      size="normal"
      armedText="Press again to cancel"
      label="Cancel run"
      isDisabled={!isUp}
      isPending={isAsking}
      onPress={cancel}
    >
      <Icon name="square" size={14} />
      <span>
        Cancel<span className={styles.wide}> run</span>
      </span>
    </DangerButton>
  );
}
