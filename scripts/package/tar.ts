/** Files of a tar archive in the ustar format, as npm packs them: names below `package/`, contents. Anything but plain files is refused. */
export function readTar(archive: Buffer): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (let at = 0; at + 512 <= archive.length;) {
    const header = archive.subarray(at, at + 512);
    if (header.every((byte) => byte === 0)) break;
    const name = [text(header, 345, 155), text(header, 0, 100)].filter(Boolean).join('/');
    const size = Number.parseInt(text(header, 124, 12), 8);
    const type = text(header, 156, 1);
    if (type !== '0' && type !== '') throw new Error(`${name} is no plain file (type ${type})`);
    if (!name.startsWith('package/') || name.split('/').includes('..')) {
      throw new Error(`${name} lies outside of the package`);
    }
    const end = at + 512 + size;
    if (!(size >= 0) || end > archive.length) throw new Error(`${name} is cut short`);
    files.set(name.slice('package/'.length), archive.subarray(at + 512, end));
    at = Math.ceil(end / 512) * 512;
  }
  return files;
}

function text(header: Buffer, offset: number, length: number): string {
  const field = header.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return field
    .subarray(0, end < 0 ? length : end)
    .toString('utf8')
    .trim();
}
