// Asks the browser to tell this person when somebody names them and the page is not in front. Asked by them alone.

import { useState, type ReactElement } from 'react';
import { useChat } from '../../live/chat/use-chat.ts';
import { Button } from '../../ui/button.tsx';
import styles from './chat.module.css';

export function NoticeSwitch(): ReactElement | null {
  const { me } = useChat();
  const [permission, setPermission] = useState(() => ('Notification' in globalThis ? Notification.permission : 'none'));
  if (me === undefined || permission === 'none') return null;
  return (
    <p className={styles.switch}>
      {permission === 'granted' ? (
        'This browser tells you when somebody names you.'
      ) : permission === 'denied' ? (
        'Notices of this page are off in this browser.'
      ) : (
        <Button
          look="quiet"
          size="small"
          onPress={() => {
            // A browser that answers nothing leaves it as it is.
            void Notification.requestPermission().then(setPermission, () => {});
          }}
        >
          Tell me when I am named
        </Button>
      )}
    </p>
  );
}
