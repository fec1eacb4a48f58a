import fs from 'node:fs/promises';
import nodePath from 'node:path';
import { isEngineError } from '../../base/errors.ts';
import { openAs } from '../chain/open-as.ts';
import { fileKey, parentCandidates } from '../chain/find-parent.ts';
import { FORMATS } from '../formats/formats.ts';
import type { DiskImage } from '../image/image.ts';
import type { CheckFindings } from './check-findings.ts';

/** Maximum number of other images of a folder that are opened. */
const MAX_FILES = 256;

/**
 * Looks in the folder of the image for other children of its parents: a merge into such a parent, or
 * any other write to it, destroys them.
 */
export async function checkSiblings(
  layers: readonly DiskImage[],
  chain: readonly string[],
  findings: CheckFindings,
  signal: AbortSignal,
): Promise<void> {
  const [top] = chain;
  if (top === undefined || layers.length < 2) return;
  const own = new Set(await Promise.all(chain.map(fileKey)));
  const folder = nodePath.dirname(top);
  const endings = FORMATS.flatMap((each) => each.endings);
  const names = (await fs.readdir(folder)).sort().filter((name) => {
    return endings.includes(nodePath.extname(name).toLowerCase());
  });
  for (const name of names.slice(0, MAX_FILES)) {
    signal.throwIfAborted();
    const file = nodePath.join(folder, name);
    if (own.has(await fileKey(file))) continue;
    const parent = await parentOf(file, layers.slice(1), chain.slice(1), signal);
    if (parent === undefined) continue;
    findings.add({
      code: 'disk.chain.siblings',
      severity: 'info',
      message: `${file} is another child of ${parent}; a merge into that parent would destroy it`,
      path: parent,
      found: file,
      expected: 'one child',
      section: 'MS-VHDX 2.6.2.6',
    });
  }
}

/** Returns the path of the parent if `file` is a child of one of `layers`. */
async function parentOf(
  file: string,
  layers: readonly DiskImage[],
  paths: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { source, format } = await openAs(file, {}, signal);
    const survey = await format.survey(source, {}, signal);
    try {
      const link = survey.image?.parent;
      if (link === undefined) return undefined;
      const fits = layers.findIndex((each) => link.mismatch(each) === undefined);
      if (fits < 0) return undefined;
      const wanted = await fileKey(paths[fits] ?? '');
      for await (const candidate of parentCandidates(file, link, [])) {
        if ((await fileKey(candidate)) === wanted) return paths[fits];
      }
      return undefined;
    } finally {
      await survey.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    if (isEngineError(error)) return undefined;
    throw error;
  }
}
