// Chat while the app runs: sends what waits, whatever page is shown, tells of names, and stands beside the page where
// somebody wants it to.

import { useEffect, type ReactElement } from 'react';
import { useRefused, useRunningChat } from '../../live/chat/use-chat.ts';
import { ChatPanel } from './chat-panel.tsx';
import { dropCard, tellRefused } from './chat-side.ts';
import { NamedNotices } from './named-notices.tsx';

export function ChatHost({ hasPanel }: { readonly hasPanel: boolean }): ReactElement {
  const chat = useRunningChat();
  // What one person meant to share is not the next one's.
  useEffect(() => dropCard, [chat]);
  const refused = [...useRefused().values()].reduce((sum, count) => sum + count, 0);
  useEffect(() => {
    tellRefused(refused);
    return () => tellRefused(0);
  }, [refused]);
  return (
    <>
      {hasPanel ? <ChatPanel key={chat.me} /> : null}
      <NamedNotices />
    </>
  );
}
