import type { ByteSource } from '../../../source/byte-source.ts';
import { FILE_IDENTIFIER_READ, identifierDefects } from '../structures/file-identifier.ts';
import { judgeHeaders, type Headers } from '../structures/header.ts';
import { HEADER_OFFSETS, HEADER_SIZE } from '../structures/layout.ts';
import type { VhdxDefect } from '../structures/vhdx-defect.ts';
import { readPart } from './read-part.ts';

/** The identifier and both headers as the file has them. */
export interface InspectedHead {
  readonly identifier: Uint8Array;
  readonly pages: readonly [Uint8Array, Uint8Array];
  readonly headers: Headers;
  readonly defects: readonly VhdxDefect[];
}

export async function inspectHead(file: ByteSource, signal: AbortSignal): Promise<InspectedHead> {
  const defects: VhdxDefect[] = [];
  const section = 'MS-VHDX 2.2.1';
  const start = { what: 'the identifier', offset: 0, length: FILE_IDENTIFIER_READ, section };
  const identifier = await readPart(file, start, defects, signal);
  const page = (i: 0 | 1): Promise<Uint8Array> =>
    readPart(
      file,
      {
        what: `VHDX header ${i + 1}`,
        offset: HEADER_OFFSETS[i],
        length: HEADER_SIZE,
        section: 'MS-VHDX 2.2.2',
      },
      defects,
      signal,
    );
  const pages = [await page(0), await page(1)] as const;
  const headers = judgeHeaders(...pages);
  // A missing page is a defect already.
  const judged = headers.defects.flatMap((each, i) => ((pages[i]?.length ?? 0) > 0 ? each : []));
  defects.push(...identifierDefects(identifier), ...judged, ...headers.together);
  return { identifier, pages, headers, defects };
}
