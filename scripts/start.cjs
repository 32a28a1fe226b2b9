// `npm start`: refuses a Node that is too old in one sentence, then hands over to launch.mjs.
// Written in the JavaScript of 2009, because a Node that is too old must be able to read it.

var found = process.versions.node.split('.');
var major = Number(found[0]);
var minor = Number(found[1]);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    'Telltale needs Node 20.19 or newer, and this is Node ' +
      process.versions.node +
      ': install it from https://nodejs.org.',
  );
  process.exit(1);
}

require('./launch.cjs');
