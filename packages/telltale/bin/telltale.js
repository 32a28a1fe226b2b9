#!/usr/bin/env node
// Starts the command from what the build left. In syntax that old versions of Node read, so that they can be told.
import { existsSync } from 'fs';
import { fileURLToPath } from 'url';

var found = process.versions.node.split('.').map(Number);
// In one piece where a checkout has built that: it starts in half the time.
var joined = new URL('../dist-joined/index.js', import.meta.url);
var entry = existsSync(fileURLToPath(joined)) ? joined : new URL('../dist/index.js', import.meta.url);

if (found[0] < 20 || (found[0] === 20 && found[1] < 19)) {
  console.error(
    'Telltale needs Node 20.19 or newer; found ' +
      process.versions.node +
      '. Install a newer one from https://nodejs.org.',
  );
  process.exitCode = 1;
} else if (!existsSync(fileURLToPath(entry))) {
  console.error('Telltale has not been built yet: run "npm start" once, or "npm run build".');
  process.exitCode = 1;
} else {
  // What fails inside is told and coded by main; nothing is left to catch here.
  void import(entry.href)
    .then(function (telltale) {
      return telltale.main(process.argv.slice(2));
    })
    .then(function (code) {
      process.exitCode = code;
    });
}
