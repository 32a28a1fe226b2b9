// The other end of ask-child.ts: lets the parent call functions of this process by name, and answers what they return.

/** @param {Record<string, (value: any) => unknown>} questions */
export function answer(questions) {
  process.on('message', ({ id, what, value }) => {
    Promise.resolve()
      .then(() => questions[what](value))
      .then(
        (answered) => process.send({ id, value: answered }),
        (error) => process.send({ id, fault: String(error?.stack ?? error) }),
      );
  });
  // A test that was ended from outside leaves nobody behind.
  process.once('disconnect', () => process.exit());
  process.send({ id: 0 });
}
