import type { OpenedDisk } from '../../../disk/chain/open-disk.ts';
import { convertDisk, type Conversion } from '../../../disk/convert/convert-disk.ts';
import type { Command } from '../../contract/command.ts';
import { localPath } from '../../options/option-values.ts';
import { facts } from '../../terminal/text.ts';
import { NEW_IMAGE_OPTIONS, newImageValues, size } from './new-image-options.ts';
import { OPEN_OPTIONS, openOptions, withDisk } from './open-image.ts';

export const CONVERT: Command = {
  name: 'disk convert',
  summary: 'Copies the whole disk of an image and its parents into one new image.',
  args: [
    { name: 'SRC', help: 'the disk image to copy, or an NBD address' },
    { name: 'DST', help: 'the new image' },
  ],
  options: {
    ...NEW_IMAGE_OPTIONS,
    'source-format': {
      type: 'value',
      value: 'FORMAT',
      help: 'Read SRC as this format, without detection.',
    },
    search: OPEN_OPTIONS.search,
    'ignore-log': OPEN_OPTIONS['ignore-log'],
    force: { type: 'flag', help: 'Replace DST if it exists.' },
  },
  details:
    'Holes and zero blocks stay; data that is all zero becomes a hole. DST appears only when it is complete. ' +
    'If SRC changes while it is read, the command fails and leaves nothing. ' +
    'An image of the same format keeps the identity of the disk.',
  run: (context) => {
    const target = localPath(context, context.args[1] ?? '');
    const options = { ...newImageValues(context), replace: context.options.flag('force') };
    const work = async (opened: OpenedDisk): Promise<void> => {
      const done = await convertDisk(opened, target, options, context.progress, context.signal);
      context.print(done, () => describe(done));
    };
    return withDisk(context, 0, work, openOptions(context, 'source-format'));
  },
};

const describe = (done: Conversion): string =>
  facts([
    ['image', done.target],
    ['format', `${done.format}, ${done.subformat}`],
    ['virtual size', size(done.virtualSize)],
    ['file size', size(done.fileSize)],
    ['data', size(done.dataBytes)],
    ['zeros', size(done.zeroBytes)],
    ['sectors', `${done.logicalSectorSize}`],
  ]);
