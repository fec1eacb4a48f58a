/** Parts of a 64-bit little-endian ELF file (System V gABI, chapters 4 and 5). */
export interface Elf {
  /** Names of the symbol versions that the file needs (section .gnu.version_r). */
  readonly versions: readonly string[];
  /** Names of the functions and variables that it defines for others. */
  readonly exported: readonly string[];
  /** Bytes of each section in memory, by name. */
  readonly sections: ReadonlyMap<string, number>;
}

interface Section {
  readonly name: number;
  readonly type: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
}

const SHT_DYNSYM = 11;
const SHT_GNU_VERNEED = 0x6ffffffe;

export function readElf(file: Buffer): Elf {
  if (file.toString('latin1', 1, 4) !== 'ELF') throw new Error('It is not an ELF file');
  const start = Number(file.readBigUInt64LE(40));
  const [size, count, names] = [
    file.readUInt16LE(58),
    file.readUInt16LE(60),
    file.readUInt16LE(62),
  ];
  const sections = Array.from({ length: count }, (_, i) => sectionAt(file, start + i * size));
  const text = (section: Section | undefined, at: number): string => {
    const from = (section?.offset ?? 0) + at;
    return file.toString('latin1', from, file.indexOf(0, from));
  };
  return {
    versions: versionsOf(file, sections, text),
    exported: exportedOf(file, sections, text),
    sections: new Map(sections.map((each) => [text(sections[names], each.name), each.size])),
  };
}

function sectionAt(file: Buffer, at: number): Section {
  return {
    name: file.readUInt32LE(at),
    type: file.readUInt32LE(at + 4),
    offset: Number(file.readBigUInt64LE(at + 24)),
    size: Number(file.readBigUInt64LE(at + 32)),
    link: file.readUInt32LE(at + 40),
    info: file.readUInt32LE(at + 44),
  };
}

type Text = (section: Section | undefined, at: number) => string;

function versionsOf(file: Buffer, sections: readonly Section[], text: Text): string[] {
  const found: string[] = [];
  for (const section of sections.filter(({ type }) => type === SHT_GNU_VERNEED)) {
    let need = section.offset;
    for (let i = 0; i < section.info; i++) {
      let aux = need + file.readUInt32LE(need + 8);
      for (let k = 0; k < file.readUInt16LE(need + 2); k++) {
        found.push(text(sections[section.link], file.readUInt32LE(aux + 8)));
        aux += file.readUInt32LE(aux + 12);
      }
      need += file.readUInt32LE(need + 12);
    }
  }
  return found;
}

function exportedOf(file: Buffer, sections: readonly Section[], text: Text): string[] {
  const found: string[] = [];
  for (const section of sections.filter(({ type }) => type === SHT_DYNSYM)) {
    for (let at = section.offset; at < section.offset + section.size; at += 24) {
      const [binding, defined] = [file.readUInt8(at + 4) >> 4, file.readUInt16LE(at + 6) !== 0];
      if (binding === 1 && defined) found.push(text(sections[section.link], file.readUInt32LE(at)));
    }
  }
  return found;
}
