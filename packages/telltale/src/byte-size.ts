// Sizes as people write them. Pure.

const units: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

/** Bytes of a size like `64MB`, `2GiB` or `1500000`; undefined if it is none. */
export function readBytes(text: string): number | undefined {
  const [, amount = '', unit = ''] = /^(\d{1,12})([a-z]*)$/i.exec(text) ?? [];
  const factor = units[unit === '' ? 'b' : unit.toLowerCase()];
  return amount === '' || factor === undefined ? undefined : Number(amount) * factor;
}
