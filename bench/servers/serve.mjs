// What the Node servers here share: what they are told, and how they say that they listen. The driver starts each as a
// process of its own.

/** What the scenario wants of a server, as the driver gave it. */
export const wanted = JSON.parse(process.argv[2] ?? '{}');

/** Listens on a free port of the loopback and says which. */
export function listen(server) {
  server.listen(0, '127.0.0.1', 4096, () => console.log(JSON.stringify({ port: server.address().port })));
}

/** The channels a viewer named in its address. */
export function channelsIn(address) {
  return new URL(address, 'http://localhost').searchParams.get('channels')?.split(',') ?? [];
}
