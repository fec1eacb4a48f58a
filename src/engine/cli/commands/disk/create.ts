import { openDisk } from '../../../disk/chain/open-disk.ts';
import { createDisk, type CreatedDisk } from '../../../disk/create/create-disk.ts';
import { usage } from '../../contract/cli-errors.ts';
import type { Command } from '../../contract/command.ts';
import { byteCount, localPath } from '../../options/option-values.ts';
import { facts } from '../../terminal/text.ts';
import { NEW_IMAGE_OPTIONS, newImageValues, size } from './new-image-options.ts';
import { OPEN_OPTIONS, searchFolders } from './open-image.ts';

export const CREATE: Command = {
  name: 'disk create',
  summary: 'Creates an empty disk image, or a child of another image.',
  args: [{ name: 'IMAGE', help: 'the new image; an existing file is refused' }],
  options: {
    size: { type: 'value', value: 'N', help: 'Size of the disk; that of the parent if absent.' },
    parent: {
      type: 'value',
      value: 'FILE',
      help: 'The parent: an image of the same format. It must not be written to any more.',
    },
    ...NEW_IMAGE_OPTIONS,
    search: OPEN_OPTIONS.search,
  },
  run: async (context) => {
    const path = localPath(context, context.args[0] ?? '');
    const parentFile = context.options.text('parent');
    const values = { ...newImageValues(context), size: byteCount(context, 'size') };
    if (parentFile === undefined && values.size === undefined) {
      throw usage('--size is required without --parent');
    }
    const parent =
      parentFile === undefined
        ? undefined
        : await openDisk(
            localPath(context, parentFile),
            { search: searchFolders(context) },
            context.signal,
          );
    try {
      const created = await createDisk(path, { ...values, parent }, context.signal);
      context.print(created, () => describe(created));
    } finally {
      await parent?.disk.close();
    }
  },
};

const describe = (created: CreatedDisk): string =>
  facts([
    ['image', created.path],
    ['format', `${created.format}, ${created.subformat}`],
    ['virtual size', size(created.virtualSize)],
    ['file size', size(created.fileSize)],
    ...(created.parent === null ? [] : [['parent', created.parent] as [string, string]]),
  ]);
