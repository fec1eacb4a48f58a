import fs, { type FileHandle } from 'node:fs/promises';
import { isEngineError } from '../../base/errors.ts';
import { traceError } from '../format/trace-errors.ts';
import { TRACE_KIND } from '../format/trace-line.ts';

/** Beginning of every recording. */
const MAGIC = Buffer.from(`{"kind":"${TRACE_KIND}"`);

/**
 * Creates the file of a recording for appending, with access for this account only (mode 0600;
 * Windows ignores it). Empties an earlier recording or an empty file. Throws `trace.file` for any
 * other file, and if the file cannot be created.
 */
export async function createTraceFile(path: string): Promise<FileHandle> {
  try {
    return await fs.open(path, 'ax', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unwritable(path, error);
  }
  let file: FileHandle | undefined;
  try {
    if (!(await isReplaceable(path))) {
      throw traceError(
        'trace.file',
        `${path} exists and is not a recording; choose another file name`,
        { data: { path } },
      );
    }
    file = await fs.open(path, 'a');
    await file.chmod(0o600);
    await file.truncate(0);
    return file;
  } catch (error) {
    await file?.close();
    throw unwritable(path, error);
  }
}

/** Whether a file is empty or begins as a recording. Devices and folders are neither. */
async function isReplaceable(path: string): Promise<boolean> {
  const { size } = await fs.stat(path).then((found) => (found.isFile() ? found : { size: -1 }));
  if (size <= 0) return size === 0;
  const file = await fs.open(path, 'r');
  try {
    const head = Buffer.alloc(MAGIC.length);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    return bytesRead === head.length && head.equals(MAGIC);
  } finally {
    await file.close();
  }
}

function unwritable(path: string, error: unknown): Error {
  if (isEngineError(error)) return error;
  const { message } = error as Error;
  return traceError('trace.file', `The recording ${path} cannot be written: ${message}`, {
    data: { path },
    cause: error,
  });
}
