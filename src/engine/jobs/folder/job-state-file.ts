import type { FileProtection } from '../../api/host.ts';
import type {
  JobNote,
  JobProgress,
  MadePoint,
  JobResult,
  JobState,
  QueuePlace,
} from '../../api/jobs.ts';
import { formatJson, parseJsonObject, type JsonFields } from '../../base/json-fields.ts';
import { parseJobSpec } from '../kinds/job-kinds.ts';

const TEXT = 16_384;
const MANY = 100_000;
/** Limits for writing, so that a state file stays below the limit of its reader. */
const NOTE_TEXT = 2000;
const LIST_TEXT = 250_000;

/**
 * Returns the bytes of a state file: exactly the fields that {@link parseJobState} reads, within
 * its limits. A job whose final state cannot be read back would look interrupted.
 */
export function formatJobState(state: JobState): Uint8Array {
  const { result, error, progress } = state;
  return formatJson({
    version: 1,
    id: state.id,
    title: cut(state.title),
    spec: state.spec,
    machine: cut(state.machine),
    pid: state.pid,
    state: state.state,
    queue: state.queue,
    stopping: state.stopping,
    started: state.started,
    heartbeat: state.heartbeat,
    progress: progress === null ? null : { ...progress, phase: cut(progress.phase) },
    result: result === null ? null : boundedResult(result),
    error: error === null ? null : boundedNote(error),
  } satisfies JobState);
}

/** Maximum number of file servers of one result. */
const MOST_SERVERS = 64;

function boundedResult(result: JobResult): JobResult {
  const { kind, readBytes, verified, point, files, damaged, warnings } = result;
  const { points, protection, vm } = result;
  const notes = bounded(warnings.map(boundedNote), ({ message }) => message.length + 100);
  if (warnings.length > notes.length) {
    const more = warnings.length - notes.length;
    notes.push({ code: 'job.more', message: `${more} more are in the log of the job` });
  }
  return {
    summary: cut(result.summary),
    kind,
    readBytes,
    verified,
    point,
    files: bounded(files.map(cut), ({ length }) => length),
    damaged: bounded(damaged, ({ length }) => length),
    warnings: notes,
    ...(points === undefined ? {} : { points: boundedPoints(points) }),
    ...(vm === undefined ? {} : { vm: { id: cut(vm.id), name: cut(vm.name) } }),
    ...(protection === undefined ? {} : { protection: protection.slice(0, MOST_SERVERS) }),
  };
}

const boundedPoints = (points: readonly MadePoint[]): MadePoint[] =>
  bounded(
    points.map((each) => ({ ...each, name: cut(each.name) })),
    ({ name }) => name.length + 100,
  );

/** Returns the first items, up to the space in a state file. */
function bounded<T>(items: readonly T[], lengthOf: (item: T) => number): T[] {
  let left = LIST_TEXT;
  const end = items.findIndex((item) => (left -= lengthOf(item)) < 0);
  return items.slice(0, end < 0 ? items.length : end);
}

const cut = (text: string): string => text.slice(0, TEXT);

/** Maximum number of findings of a note. */
const MOST_FINDINGS = 64;

const boundedNote = ({ code, message, findings }: JobNote): JobNote => ({
  code: code.slice(0, 200),
  message: message.slice(0, NOTE_TEXT),
  ...(findings === undefined
    ? {}
    : { findings: findings.slice(0, MOST_FINDINGS).map((text) => text.slice(0, NOTE_TEXT)) }),
});

/**
 * Parses a job's state, which may come from any program. Ignores unknown fields, which another
 * version of Refpoint may have written. Throws an error that describes the problem.
 */
export function parseJobState(bytes: Uint8Array): JobState {
  const f = parseJsonObject(
    bytes,
    (at, problem) => new Error(`${at} ${problem}`),
  ).ignoringUnknown();
  return {
    version: f.oneOf('version', [1]),
    id: f.guid('id'),
    title: f.text('title', TEXT),
    spec: f.object('spec', parseJobSpec),
    machine: f.text('machine', TEXT),
    pid: f.integer('pid', 1, 2 ** 32),
    state: f.oneOf('state', ['queued', 'running', 'done', 'failed', 'cancelled']),
    // Absent in states of before there was a queue.
    queue: f.optional('queue', () => f.object('queue', parsePlace)),
    stopping: f.flag('stopping'),
    started: f.time('started'),
    heartbeat: f.time('heartbeat'),
    progress: f.nullable('progress', () => f.object('progress', parseProgress)),
    result: f.nullable('result', () => f.object('result', parseResult)),
    error: f.nullable('error', () => f.object('error', parseNote)),
  };
}

const parsePlace = (f: JsonFields): QueuePlace => ({
  since: f.time('since'),
  order: f.integer('order'),
  parallel: f.integer('parallel', 1),
  claiming: f.flag('claiming'),
});

function parseProgress(f: JsonFields): JobProgress {
  return {
    phase: f.text('phase', TEXT),
    done: f.integer('done'),
    total: f.integer('total'),
    bytesPerSecond: f.integer('bytesPerSecond'),
    // Absent in states of earlier versions.
    percent: f.optional('percent', () => f.integer('percent', 0, 100)),
    secondsLeft: f.optional('secondsLeft', () => f.integer('secondsLeft')),
  };
}

function parseResult(f: JsonFields): JobResult {
  return {
    summary: f.text('summary', TEXT),
    kind: f.nullable('kind', () => f.oneOf('kind', ['full', 'incr'])),
    readBytes: f.integer('readBytes'),
    verified: f.integer('verified'),
    point: f.nullable('point', () => f.text('point', TEXT)),
    files: f.texts('files', MANY, TEXT),
    damaged: f.texts('damaged', MANY, TEXT),
    warnings: f.objects('warnings', MANY, parseNote),
    ...pointsOf(f),
    ...vmOf(f),
    ...protectionOf(f),
  };
}

function pointsOf(f: JsonFields): Pick<JobResult, 'points'> {
  const points = f.optional('points', () =>
    f.objects('points', MANY, (each) => ({
      vm: each.guid('vm'),
      name: each.text('name', TEXT),
      point: each.text('point', TEXT),
    })),
  );
  return points === null ? {} : { points };
}

function vmOf(f: JsonFields): Pick<JobResult, 'vm'> {
  const vm = f.optional('vm', () =>
    f.object('vm', (each) => ({ id: each.guid('id'), name: each.text('name', TEXT) })),
  );
  return vm === null ? {} : { vm };
}

function protectionOf(f: JsonFields): Pick<JobResult, 'protection'> {
  const name = 'protection';
  const protection = f.optional(name, () => f.objects(name, MOST_SERVERS, parseProtection));
  return protection === null ? {} : { protection };
}

const parseProtection = (f: JsonFields): FileProtection => ({
  server: f.text('server', TEXT),
  dialect: f.text('dialect', 32),
  signing: f.text('signing', 32),
  cipher: f.nullable('cipher', () => f.text('cipher', 32)),
  sealed: f.flag('sealed'),
});

function parseNote(f: JsonFields): JobNote {
  const findings = f.optional('findings', () => f.texts('findings', MOST_FINDINGS, TEXT));
  return {
    code: f.text('code', TEXT),
    message: f.text('message', TEXT),
    ...(findings === null ? {} : { findings }),
  };
}
