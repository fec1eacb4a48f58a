import type { JobProgress, JobResult, JobState } from '../../api/jobs.ts';
import { parseJsonObject, type JsonFields } from '../../backup/json-fields.ts';
import { parseJobSpec } from './job-spec.ts';

const TEXT = 16_384;
const MANY = 100_000;

/** Reads a job's state; the file may be anybody's work. Throws an error that says what is wrong with it. */
export function parseJobState(bytes: Uint8Array): JobState {
  const f = parseJsonObject(bytes, (at, problem) => new Error(`${at} ${problem}`));
  const state: JobState = {
    version: f.oneOf('version', [1]),
    id: f.guid('id'),
    title: f.text('title', TEXT),
    spec: f.object('spec', parseJobSpec),
    machine: f.text('machine', TEXT),
    pid: f.integer('pid', 1, 2 ** 32),
    state: f.oneOf('state', ['running', 'done', 'failed', 'cancelled']),
    stopping: f.flag('stopping'),
    started: f.time('started'),
    heartbeat: f.time('heartbeat'),
    progress: f.nullable('progress', () => f.object('progress', parseProgress)),
    result: f.nullable('result', () => f.object('result', parseResult)),
    error: f.nullable('error', () => f.object('error', parseNote)),
  };
  f.end();
  return state;
}

function parseProgress(f: JsonFields): JobProgress {
  return {
    phase: f.text('phase', TEXT),
    done: f.integer('done'),
    total: f.integer('total'),
    bytesPerSecond: f.integer('bytesPerSecond'),
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
  };
}

const parseNote = (f: JsonFields): { readonly code: string; readonly message: string } => ({
  code: f.text('code', TEXT),
  message: f.text('message', TEXT),
});
