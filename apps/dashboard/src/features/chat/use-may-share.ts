// Whether this person may say something, so may share.

import { useSession } from '../../session/use-session.ts';

export function useMayShare(): boolean {
  return useSession().state.kind === 'signed-in';
}
