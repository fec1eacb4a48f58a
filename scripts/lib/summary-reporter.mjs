// Gives the figures that tests measured, names what was skipped and what failed, and closes with one line of counts.
const SHOWN = 40;
const SLOW_MS = 5000;

export default async function* summary(source) {
  const counts = { pass: 0, fail: 0, skip: 0 };
  const skipped = [];
  const failed = [];
  const figures = [];
  /** Milliseconds of each file's tests. */
  const times = new Map();
  for await (const event of source) {
    const { data } = event;
    // What the runner says of itself has no file.
    if (event.type === 'test:diagnostic' && data.file !== undefined) figures.push(data.message);
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    if (data.nesting === 0 && data.file !== undefined) {
      times.set(data.file, (times.get(data.file) ?? 0) + (data.details?.duration_ms ?? 0));
    }
    if (data.details?.type === 'suite') continue;
    if (data.skip !== undefined || data.todo !== undefined) {
      counts.skip++;
      skipped.push(`${data.name}: ${data.skip === true ? 'skipped' : (data.skip ?? data.todo)}`);
    } else if (event.type === 'test:pass') counts.pass++;
    else {
      counts.fail++;
      failed.push(failure(data));
    }
  }
  yield '\n';
  for (const line of figures) yield `figure   ${line}\n`;
  for (const [file, ms] of slowest(times)) {
    yield `slow     ${(ms / 1000).toFixed(1).padStart(6)} s  ${shown(file)}\n`;
  }
  for (const line of skipped) yield `skipped  ${line}\n`;
  for (const text of failed) yield `FAILED   ${text}\n`;
  yield `${counts.pass} passed, ${counts.fail} failed, ${counts.skip} skipped\n`;
}

/** Files whose tests take longest: where a suite can become cheaper. */
function slowest(times) {
  const sorted = [...times].toSorted((a, b) => b[1] - a[1]).slice(0, SHOWN);
  return sorted.filter(([, ms]) => ms >= SLOW_MS);
}

/** The path from the test folder on. */
function shown(file) {
  const path = file.replaceAll('\\', '/');
  return path.slice(Math.max(0, path.lastIndexOf('/test/') + 1));
}

function failure(data) {
  const error = data.details?.error;
  const cause = error?.cause ?? error;
  const text = cause?.stack ?? cause?.message ?? String(cause);
  const where = data.file === undefined ? '' : ` (${data.file}:${data.line})`;
  return `${data.name}${where}\n${text.replace(/^/gm, '         ')}`;
}
