// Starts the app in the page: theme, start code, session, then React.

import './ui/tokens.css';
import './ui/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { applyTheme } from './features/shell/preferences.ts';
import { takeStartCode } from './session/session.ts';
import { session } from './session/use-session.ts';

applyTheme();
void session.start(takeStartCode());
// A link that is opened in a tab which shows the dashboard already changes the hash and loads nothing.
addEventListener('hashchange', () => {
  const code = takeStartCode();
  if (code !== undefined) void session.start(code);
});

const root = document.querySelector('#root');
if (root === null) throw new Error('found no element #root in the page');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
