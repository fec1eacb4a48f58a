import fs from 'node:fs/promises';
import { fileError } from '../../source/platform/file-errors.ts';

/** Returns a text that differs once the file was written to. */
export async function imageState(file: string): Promise<string> {
  try {
    const { size, mtimeNs } = await fs.stat(file, { bigint: true });
    return `${size} ${mtimeNs}`;
  } catch (error) {
    throw fileError(error, 'examine', file);
  }
}
