// Everything that a run of node:test came to, as one JSON document. A test with steps counts by its steps, and by itself only
// where it failed outside of them.
export default async function* results(source) {
  const tests = [];
  for await (const { type, data } of source) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const error = data.details?.error;
    const isStep = data.nesting > 0;
    if (!isStep && (type === 'test:pass' || error?.failureType === 'subtestsFailed')) continue;
    const skipped = data.skip !== undefined || data.todo !== undefined;
    tests.push({
      name: data.name,
      outcome: skipped ? 'skipped' : type === 'test:pass' ? 'passed' : 'failed',
      milliseconds: Math.round(data.details?.duration_ms ?? 0),
    });
  }
  yield `${JSON.stringify({ finished: new Date().toISOString(), tests }, undefined, 1)}\n`;
}
