// Builds the dashboard from the packages' sources (condition `telltale-source`), so it never waits for their builds.
// The hub serves `dist`; in development Vite passes HTTP and WebSocket calls on to a hub on port 8000.

import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const hub = 'http://127.0.0.1:8000';

export default defineConfig({
  plugins: [react()],
  resolve: { conditions: ['telltale-source', 'module', 'browser', 'development|production'] },
  build: {
    target: 'es2023',
    manifest: true,
    sourcemap: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      '/api': hub,
      '/healthz': hub,
      '/ws': { target: hub, ws: true },
    },
  },
});
