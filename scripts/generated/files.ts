import { packageFiles, type GeneratedFile } from './package-json.ts';

/** Every file of the repository that is made from others; `npm run accept` writes them, a test compares them. */
export function generatedFiles(root: string): readonly GeneratedFile[] {
  return [...packageFiles(root)];
}
