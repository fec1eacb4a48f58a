import type { ErrorCode } from '../../api/codes.ts';
import http from 'node:http';
import { delay } from '../../base/abort.ts';
import { EngineError, isEngineError, type ErrorData } from '../../base/errors.ts';
import type { Progress } from '../../base/progress.ts';
import { labError } from '../lab-errors.ts';
import { labOwner, locked, lockLab, type LabLock, type LabOwner } from '../lab-lock.ts';
import { Lab } from '../model/lab.ts';
import { createState, requireLab } from '../state/state-file.ts';
import type { LabOperations, OperationName } from './operations.ts';
import { perform } from './perform.ts';

/**
 * Runs an operation on the lab in a folder: in the process that serves it or, if there is not one,
 * by opening the folder for the duration. Only adding VMs creates a missing lab. Throws `lab.*`,
 * `source.*`.
 */
export async function askLab<Name extends OperationName>(
  folder: string,
  name: Name,
  params: LabOperations[Name]['params'],
  progress: Progress,
  signal: AbortSignal,
): Promise<LabOperations[Name]['result']> {
  for (let waited = 0; ; waited += LOOK_EVERY_MS) {
    const owner = await labOwner(folder);
    if (owner !== undefined && owner.controlPort > 0) {
      return askRunning(owner, name, params, signal);
    }
    if (owner === undefined) {
      if (name === 'stop')
        throw labError('lab.notRunning', `No process serves the lab in ${folder}`);
      // A folder that was named by mistake must not change.
      if (name === 'add-vm' || name === 'add-vms') await createState(folder, {}, signal);
      else await requireLab(folder);
      const lock = await lockUnlessTaken(folder);
      if (lock !== undefined) return askStopped(folder, lock, name, params, progress, signal);
    }
    if (waited >= PATIENCE_MS) throw locked(folder, owner?.pid);
    await delay(LOOK_EVERY_MS, signal);
  }
}

async function lockUnlessTaken(folder: string): Promise<LabLock | undefined> {
  try {
    return await lockLab(folder);
  } catch (error) {
    if (isEngineError(error, 'lab.locked')) return undefined;
    throw error;
  }
}

async function askStopped<Name extends OperationName>(
  folder: string,
  lock: LabLock,
  name: Name,
  params: LabOperations[Name]['params'],
  progress: Progress,
  signal: AbortSignal,
): Promise<LabOperations[Name]['result']> {
  try {
    const lab = await Lab.open(folder, { jobDelay: 0 }, signal);
    try {
      return await perform(lab, name, params, progress, signal);
    } finally {
      await lab.close();
    }
  } finally {
    await lock.release();
  }
}

/** Time limit in milliseconds for a lab that is starting, stopping, or open in another command. */
const PATIENCE_MS = 10_000;
const LOOK_EVERY_MS = 50;

async function askRunning<Name extends OperationName>(
  owner: LabOwner,
  name: Name,
  params: LabOperations[Name]['params'],
  signal: AbortSignal,
): Promise<LabOperations[Name]['result']> {
  const answer = await post(owner, JSON.stringify({ name, params }), signal);
  const document = JSON.parse(answer) as {
    result?: LabOperations[Name]['result'];
    error?: { code: ErrorCode; message: string; data: ErrorData };
  };
  if (document.error !== undefined) {
    const { code, message, data } = document.error;
    throw new EngineError(
      code,
      message,
      { permanent: true, userFixable: true, damage: false },
      { data },
    );
  }
  return document.result as LabOperations[Name]['result'];
}

function post(owner: LabOwner, body: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        host: '127.0.0.1',
        port: owner.controlPort,
        method: 'POST',
        signal,
        headers: {
          Authorization: `Bearer ${owner.token}`,
          'Content-Length': Buffer.byteLength(body),
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
        response.on('error', reject);
      },
    );
    request.on('error', (error) => {
      if (signal.aborted) reject(signal.reason as Error);
      else
        reject(
          labError(
            'lab.control',
            `The lab (process ${owner.pid}) does not answer: ${error.message}`,
            {
              cause: error,
            },
          ),
        );
    });
    request.end(body);
  });
}
