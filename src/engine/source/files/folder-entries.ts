import fs from 'node:fs/promises';
import path from 'node:path';

/**
 * Normalises a file name for comparison: Windows ignores case, and a copy made by macOS has accents
 * in another Unicode form.
 */
export const foldedName = (name: string): string =>
  name.normalize('NFC').toLowerCase().normalize('NFC');

/**
 * Returns the entries of a folder with the name `wanted`, regardless of case and Unicode form, the
 * exact spelling first. If the folder cannot be listed, tries the exact spelling only.
 */
export async function entriesNamed(
  folder: string,
  wanted: string,
  kind: 'file' | 'folder',
): Promise<readonly string[]> {
  const folded = foldedName(wanted);
  try {
    const entries = await fs.readdir(folder, { withFileTypes: true });
    const names = entries.flatMap((entry) => {
      const fits = kind === 'file' ? !entry.isDirectory() : isFolder(entry);
      return fits && foldedName(entry.name) === folded ? [entry.name] : [];
    });
    return names.sort((a, b) => Number(b === wanted) - Number(a === wanted));
  } catch {
    const found = await fs.stat(path.join(folder, wanted)).catch(() => undefined);
    const fits = kind === 'file' ? found?.isFile() : found?.isDirectory();
    return fits === true ? [wanted] : [];
  }
}

const isFolder = (entry: { isDirectory(): boolean; isSymbolicLink(): boolean }): boolean =>
  entry.isDirectory() || entry.isSymbolicLink();
