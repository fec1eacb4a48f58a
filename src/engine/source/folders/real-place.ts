import { basename, dirname, join } from 'node:path';
import { machine, type FileEnvironment } from '../platform/file-environment.ts';

/** Resolves the links on a path, as far as the path exists. */
export async function realPlace(
  path: string,
  environment: FileEnvironment = machine,
): Promise<string> {
  try {
    return await environment.files.realpath(path);
  } catch {
    const parent = dirname(path);
    if (parent === path) return path;
    return join(await realPlace(parent, environment), basename(path));
  }
}
