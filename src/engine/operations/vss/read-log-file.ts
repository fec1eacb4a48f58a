import { FileSource } from '../../source/files/file-source.ts';
import { MAX_LOG } from '../../vss/diskshadow/log-text.ts';
import { readDiskshadowLog, type DiskshadowLog } from '../../vss/diskshadow/read-log.ts';

/** Reads a log of diskshadow from a file. Throws `vss.log`, `source.*`. */
export async function readLogFile(path: string, signal: AbortSignal): Promise<DiskshadowLog> {
  const file = await FileSource.open(path, signal);
  try {
    // One byte more than a log may have: a longer file is refused, and not read whole.
    const bytes = Buffer.alloc(Math.min(file.size, MAX_LOG + 1));
    await file.read(0, bytes, signal);
    return readDiskshadowLog(bytes, path);
  } finally {
    await file.close();
  }
}
