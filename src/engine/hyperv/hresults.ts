/** HRESULTs that Hyper-V names in jobs and their texts (vhdx and VSS errors of winerror.h), in our words. */
const WORDS: ReadonlyMap<number, string> = new Map([
  [0xc03a0001, 'the disk image is corrupt'],
  [0xc03a0002, 'a block of the disk image is corrupt'],
  [0xc03a0003, 'the header of the disk image is corrupt'],
  [0xc03a0005, 'the disk image has an unsupported version'],
  [0xc03a000d, 'the parent of the disk image cannot be opened'],
  [0xc03a000e, 'the parent of the disk image has another ID'],
  [0xc03a000f, 'the parent of the disk image was changed'],
  [0xc03a0012, 'a disk image of the chain is its own parent'],
  [0xc03a0014, 'the disk image is in use or not compatible'],
  [0xc03a001a, 'the file must not be compressed, encrypted or sparse'],
  [0xc03a001b, 'the type of the disk image does not allow this'],
  [0xc03a0020, 'the log of change tracking is not initialised'],
  [0xc03a0021, 'the log of change tracking is full'],
  [0xc03a0022, 'the disk was changed while change tracking was off'],
  [0xc03a0023, 'change tracking is in an invalid state'],
  [0xc03a0024, 'the file of change tracking is inconsistent'],
  [0xc03a0028, 'the parent of the disk image was not found'],
  [0xc03a0029, 'the change tracking ID is not valid'],
  [0xc03a002a, 'change tracking is disabled'],
  [0xc03a0030, 'information of change tracking is missing'],
  [0x80070002, 'a file was not found'],
  [0x80070003, 'a folder was not found'],
  [0x80070005, 'access to a file is denied: its ACL may lack NT VIRTUAL MACHINE'],
  [0x80070015, 'a volume is not ready'],
  [0x80070020, 'another process holds the file'],
  [0x80070057, 'a parameter is invalid'],
  [0x80070070, 'a volume of the host is full'],
  [0x800705b4, 'a time limit of the host was reached'],
  [0x8004102f, 'a parameter of the method is invalid'],
  [0x80041001, 'WMI failed'],
  [0x80041003, 'WMI denies the account access'],
  [0x80042302, 'the Volume Shadow Copy Service failed'],
  [0x80042304, 'the VSS provider is not registered'],
  [0x80042306, 'the VSS provider rejected the request'],
  [0x80042308, 'VSS does not find the object'],
  [0x8004230c, 'the volume does not support shadow copies'],
  [0x8004230f, 'the VSS provider failed'],
  [0x80042313, 'VSS could not stop writes in time'],
  [0x80042314, 'VSS could not stop writes in time'],
  [0x80042316, 'another shadow copy is being created'],
  [0x8004231f, 'the volume has no room for the shadow copy'],
  [0x80042336, 'a VSS writer cannot take part'],
  [0x800423f2, 'a VSS writer of the guest did not finish in time'],
  [0x800423f3, 'a VSS writer of the guest failed; a later attempt may succeed'],
  [0x800423f4, 'a VSS writer of the guest failed; another attempt will fail too'],
]);

/** Returns our words for an HRESULT; undefined if it is not known. */
export const hresultWords = (number: number): string | undefined => WORDS.get(number >>> 0);

/**
 * Finds the HRESULT in the texts of a failed job. Hosts write it in every language as `0xC03A0029`;
 * a known one comes before an unknown one. Returns undefined if no text has one.
 */
export function hresultIn(texts: readonly string[]): number | undefined {
  const found = texts.flatMap((text) =>
    Array.from(text.slice(0, 20_000).matchAll(/\b0x([89a-f][0-9a-f]{7})\b/gi), ([, hex]) =>
      Number.parseInt(hex ?? '', 16),
    ),
  );
  return found.find((number) => WORDS.has(number)) ?? found[0];
}
