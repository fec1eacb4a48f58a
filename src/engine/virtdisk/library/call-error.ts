import type { ErrorData } from '../../base/errors.ts';
import { callData } from '../../win32/words/call-failed.ts';
import { describeWindowsError, errorSentence } from '../../win32/words/describe-error.ts';
import { virtdiskError } from '../contract/virtdisk-errors.ts';

type Code = keyof typeof virtdiskError.flags;

/** Codes by Windows' number; all others are `virtdisk.failed`. */
const CODES: readonly (readonly [Code, readonly number[]])[] = [
  ['virtdisk.notFound', [2, 3, 53, 67]],
  ['virtdisk.denied', [5, 65]],
  ['virtdisk.notElevated', [1300, 1314]],
  ['virtdisk.exists', [80, 183]],
  ['virtdisk.full', [112, 0xc03a0009]],
  ['virtdisk.busy', [32, 33, 170, 1224, 0xc03a001e, 0xc03a001f]],
  ['virtdisk.path', [123, 161, 665]],
  ['virtdisk.hostFile', [618, 6000, 6002, 0xc03a001a]],
  ['virtdisk.notImage', [0xc03a0004, 0xc03a0014, 0xc03a0015]],
  [
    'virtdisk.unsupported',
    [1, 50, 120, 0xc03a0005, 0xc03a0007, 0xc03a001b, 0xc03a001c, 0xc03a001d, 0xc03a0028],
  ],
  [
    'virtdisk.damaged',
    [
      23, 1392, 0xc03a0001, 0xc03a0002, 0xc03a0003, 0xc03a0006, 0xc03a0008, 0xc03a000a, 0xc03a000c,
      0xc03a0010, 0xc03a0013,
    ],
  ],
  [
    'virtdisk.parent',
    [0xc03a000d, 0xc03a000e, 0xc03a000f, 0xc03a0016, 0xc03a0017, 0xc03a0018, 0xc03a0019],
  ],
  ['virtdisk.tracking.off', [0xc03a0020, 0xc03a002a]],
  ['virtdisk.tracking.unknownId', [0xc03a0029]],
  ['virtdisk.tracking.lost', [0xc03a0021, 0xc03a0030]],
  ['virtdisk.tracking.inconsistent', [0xc03a0022, 0xc03a0023, 0xc03a0024]],
  ['virtdisk.tracking.storage', [0x803a0001]],
  ['virtdisk.argument', [87, 0xc03a000b, 0xc03a0012, 0xc03a0025, 0xc03a0026, 0xc03a0027]],
];

const CODE_OF = new Map(CODES.flatMap(([code, numbers]) => numbers.map((n) => [n, code] as const)));

/** Returns the error of a call to virtdisk.dll, or of a read of an attached disk. */
export function diskCallFailed(
  call: string,
  number: number,
  path: string,
  more: ErrorData = {},
): Error {
  const words = describeWindowsError(number);
  return virtdiskError(
    CODE_OF.get(words.number) ?? 'virtdisk.failed',
    `${call} failed for ${path}: ${errorSentence(words)}. ${words.remedy}`,
    { data: { ...callData(call, number), path, ...more } },
  );
}
