// The servers that are compared: how each is started, and what the load generator has to say to it. Pure: a scenario in,
// words out; what is installed is asked by the driver.

import { trustedOrigin } from './tokens.mjs';

/**
 * @typedef {object} Target
 * @property {string} column the server as the table names it
 * @property {string} [variant] how it is run, where that is not its default
 * @property {'node' | 'bun' | 'nginx'} runtime
 * @property {string} [program] below `servers/`
 * @property {object} [settings] beside those of the scenario
 * @property {(scenario: import('./scenario.mjs').Scenario) => string[]} load options of the generator
 */

const channelsOf = ({ channels }) =>
  Array.from({ length: channels ?? 1 }, (_, index) => (index === 0 ? 'news' : `news-${index}`));
const keysOf = ({ keys }) =>
  keys === undefined ? [undefined] : Array.from({ length: keys }, (_, index) => `key-${index}`);
const pairs = (name, values) => values.flatMap((value) => [name, value]);

/** Channel and key of each publish in turn: all channels, then the next key. */
function turns(scenario) {
  return keysOf(scenario).flatMap((key) => channelsOf(scenario).map((channel) => ({ channel, key })));
}

function telltaleLoad(scenario, { offersCompression = false } = {}) {
  const prefixes = turns(scenario).map(({ channel, key }) => {
    const keyPart = key === undefined ? '' : `"key":"${key}",`;
    return `{"type":"publish","id":1,"channel":"${channel}",${keyPart}"data":`;
  });
  const isHandshake = scenario.load.mode === 'accept';
  return [
    ...['--viewer-path', isHandshake ? '/ws/' : '/ws/view/', '--publisher-path', '/ws/'],
    ...['--headers', `Origin: ${trustedOrigin}\r\n${offersCompression ? deflateOffer : ''}`],
    ...['--token-header', 'Sec-WebSocket-Protocol: telltale.v1, bearer.'],
    ...['--ready', isHandshake ? '"type":"welcome"' : '"type":"messages"'],
    ...['--ready-count', String(isHandshake ? 1 : channelsOf(scenario).length)],
    ...pairs('--prefix', prefixes),
    ...['--suffix', '}'],
  ];
}

/** For servers of a few lines: the message names its channel. */
function plainLoad(scenario) {
  const prefixes = turns(scenario).map(({ channel, key }) => {
    const keyPart = key === undefined ? '' : `"key":"${key}",`;
    return `{"channel":"${channel}",${keyPart}"data":`;
  });
  const path = `/?channels=${channelsOf(scenario).join(',')}`;
  return ['--viewer-path', path, '--publisher-path', '/', ...pairs('--prefix', prefixes), '--suffix', '}'];
}

function socketIoLoad(scenario) {
  const path = '/socket.io/?EIO=4&transport=websocket';
  const prefixes = turns(scenario).map(({ channel }) => `42["publish",{"channel":"${channel}","data":`);
  return [
    ...['--viewer-path', `${path}&channels=${channelsOf(scenario).join(',')}`, '--publisher-path', path],
    ...['--engine-io', '1', '--hello', '40', '--ready', '40{'],
    ...pairs('--prefix', prefixes),
    ...['--suffix', '}]'],
  ];
}

const deflateOffer = 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n';

const nchanLoad = () => ['--viewer-path', '/view', '--publisher-path', '/publish'];

const telltale = (variant, settings) => ({
  column: 'Telltale',
  ...(variant === undefined ? {} : { variant }),
  runtime: 'node',
  program: 'telltale.mjs',
  settings,
  load: telltaleLoad,
});

/** @type {Record<string, Target>} */
export const targets = {
  telltale: telltale(undefined, {}),
  'telltale-0': telltale('flushed at once', { flushMs: 0 }),
  'telltale-50': telltale('flushed every 50 ms', { flushMs: 50 }),
  'telltale-compressed': {
    ...telltale('compressed', { isCompressed: true }),
    load: (scenario) => telltaleLoad(scenario, { offersCompression: true }),
  },
  ws: { column: '`ws`', runtime: 'node', program: 'ws.mjs', load: plainLoad },
  'socket.io': { column: 'Socket.IO', runtime: 'node', program: 'socket-io.mjs', load: socketIoLoad },
  bun: { column: 'Bun', runtime: 'bun', program: 'bun.mjs', load: plainLoad },
  nchan: { column: 'nchan', runtime: 'nginx', load: nchanLoad },
};

/** What a server is told of a scenario. */
export function serverSettings(target, scenario) {
  return { channels: channelsOf(scenario), isTable: scenario.keys !== undefined, ...target.settings };
}
