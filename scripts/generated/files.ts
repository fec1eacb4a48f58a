import { l10nFile } from './l10n-bundle.ts';
import { packageFiles, type GeneratedFile } from './package-json.ts';

/** Every file of the repository that is made from others; `npm run accept` writes them, a test compares them. */
export async function generatedFiles(root: string): Promise<readonly GeneratedFile[]> {
  return [...packageFiles(root), await l10nFile(root)];
}
