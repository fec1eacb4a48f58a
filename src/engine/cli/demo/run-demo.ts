import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { formatBytes } from '../../base/format-bytes.ts';
import { ensureFolder, removeTree } from '../../source/folders/folder.ts';
import { cliError } from '../contract/cli-errors.ts';
import type { Context } from '../contract/command.ts';
import { localPath } from '../options/option-values.ts';
import { DemoStory, type DemoFacts } from './demo-story.ts';
import { makeDemoDisk } from './demo-disk.ts';
import { startDemoLab } from './demo-lab.ts';

/**
 * Runs the whole story from an empty folder. Works in a temporary folder that it removes, or in
 * --keep DIR, which stays. The exit status is 0 only if every check succeeded.
 */
export async function runDemo(context: Context): Promise<number> {
  const keep = context.options.text('keep');
  const folder =
    keep === undefined
      ? await fs.mkdtemp(path.join(os.tmpdir(), 'refpoint-demo-'))
      : await freshFolder(localPath(context, keep));
  const story = new DemoStory(context, folder, keep !== undefined);
  try {
    const image = await demoImage(context, folder, story);
    const lab = await startDemoLab(path.join(folder, 'lab'), context.signal);
    let facts: DemoFacts;
    try {
      facts = await story.tell(image, lab);
    } finally {
      await lab.stop();
    }
    if (context.json) context.print(facts, () => '');
    return facts.proven ? 0 : 1;
  } finally {
    if (keep === undefined) await removeTree(folder);
  }
}

async function freshFolder(folder: string): Promise<string> {
  await ensureFolder(folder);
  const names = await fs.readdir(folder);
  if (names.length > 0) {
    throw cliError('demo.failed', `${folder} is not empty; --keep requires a new or empty folder`, {
      data: { path: folder, found: names.slice(0, 5) },
    });
  }
  return folder;
}

/** Returns the VM's disk: the user's own image, or a generated one. */
async function demoImage(context: Context, folder: string, story: DemoStory): Promise<string> {
  const own = context.options.text('image');
  if (own !== undefined) {
    const file = localPath(context, own);
    story.say(`The VM's disk is a copy of ${file}.`);
    return file;
  }
  const file = path.join(folder, 'disk.raw');
  await makeDemoDisk(file, context.signal);
  const { size } = await fs.stat(file);
  story.say(`The VM's disk is generated: ${formatBytes(size)} with about 100 MiB of data.`);
  return file;
}
