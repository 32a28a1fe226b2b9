// Message types flow from the declaration of channels to the hooks. The type checker is the judge (tsconfig.test.json).

import { expectTypeOf, test } from 'vitest';
import type { RegisteredData, RegisteredName, UnregisteredName } from './types.ts';
import { useStream, useTable } from './index.ts';

interface Shape<Pattern extends string, Kind extends 'stream' | 'table', Data> {
  readonly pattern: Pattern;
  readonly kind: Kind;
  readonly messageType?: Data;
}
interface Declared {
  readonly channels: {
    readonly agents: Shape<'agents', 'table', { title: string }>;
    readonly metrics: Shape<'metrics/:agent', 'stream', { cpu: number }>;
    readonly lobby: Shape<'chat/lobby', 'stream', { lobby: true }>;
    readonly chat: Shape<'chat/:room', 'stream', { text: string }>;
  };
}

test('registered channels type names and messages', () => {
  expectTypeOf<RegisteredName<'table', Declared>>().toEqualTypeOf<'agents'>();
  expectTypeOf<'metrics/local'>().toExtend<RegisteredName<'stream', Declared>>();
  expectTypeOf<'agents'>().not.toExtend<RegisteredName<'stream', Declared>>();
  expectTypeOf<'nonsense'>().not.toExtend<RegisteredName<'stream', Declared>>();
  expectTypeOf<RegisteredData<'agents', Declared>>().toEqualTypeOf<{ title: string }>();
  expectTypeOf<RegisteredData<'metrics/local', Declared>>().toEqualTypeOf<{ cpu: number }>();
  expectTypeOf<RegisteredData<'chat/lobby', Declared>>().toEqualTypeOf<{ lobby: true }>();
  expectTypeOf<UnregisteredName<Declared>>().toEqualTypeOf<never>();
});

test('where nothing is registered names are any text and the caller says the type', () => {
  const read = () => useStream<{ cpu: number }>('metrics/local').messages[0]?.data.cpu;
  expectTypeOf(read).returns.toEqualTypeOf<number | undefined>();
  const unknown = () => useTable('anything').rows[0]?.data;
  expectTypeOf(unknown).returns.toEqualTypeOf<unknown>();
});
