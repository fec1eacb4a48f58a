import { formatBytes } from '../../../base/format-bytes.ts';
import { WRITABLE_NAMES } from '../../../disk/create/new-format.ts';
import { usage } from '../../contract/cli-errors.ts';
import type { Context, OptionSpec } from '../../contract/command.ts';
import { byteCount, choice } from '../../options/option-values.ts';

/** Options of a new image, shared by the commands that write one. */
export const NEW_IMAGE_OPTIONS = {
  format: {
    type: 'value',
    value: 'FORMAT',
    help: `Format of the new image: ${WRITABLE_NAMES.join(', ')}; by its ending if absent.`,
  },
  subformat: { type: 'value', value: 'KIND', help: 'fixed or dynamic.' },
  'block-size': { type: 'value', value: 'N', help: 'Bytes per block, such as 2M.' },
  'sector-size': { type: 'value', value: 'N', help: 'Logical sectors of 512 or 4096 bytes.' },
} as const satisfies Readonly<Record<string, OptionSpec>>;

export interface NewImageValues {
  readonly format: string | undefined;
  readonly subformat: 'fixed' | 'dynamic' | undefined;
  readonly blockSize: number | undefined;
  readonly sectorSize: 512 | 4096 | undefined;
}

export function newImageValues(context: Context): NewImageValues {
  const given = <T extends string>(name: string, allowed: readonly T[]): T | undefined =>
    context.options.text(name) === undefined
      ? undefined
      : choice(context, name, allowed, allowed[0] as T);
  const sectorSize = byteCount(context, 'sector-size');
  if (sectorSize !== undefined && sectorSize !== 512 && sectorSize !== 4096) {
    throw usage(`Invalid value ${sectorSize} of --sector-size: expected 512 or 4096`);
  }
  return {
    format: given('format', WRITABLE_NAMES),
    subformat: given('subformat', ['fixed', 'dynamic'] as const),
    blockSize: byteCount(context, 'block-size'),
    sectorSize,
  };
}

/** Formats a size for people. */
export const size = (bytes: number): string => `${formatBytes(bytes)} (${bytes} bytes)`;
