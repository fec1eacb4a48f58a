import { sourceError } from './source-errors.ts';

/** Throws `source.range` unless `length` bytes at `offset` lie inside the source. */
export function checkRead(
  source: { readonly name: string; readonly size: number },
  offset: number,
  length: number,
): void {
  const possible = Number.isSafeInteger(offset) && offset >= 0 && length >= 0;
  if (!possible || offset + length > source.size) {
    throw sourceError(
      'source.range',
      `Cannot read ${length} bytes at ${offset} of ${source.name}: it has ${source.size} bytes`,
      { data: { name: source.name, offset, length, size: source.size } },
    );
  }
}
