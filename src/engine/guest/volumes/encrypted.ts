import { labelText, utf8Label } from '../bytes/text.ts';
import { UNKNOWN, type Recognise } from './recognition.ts';

/** Identifier of BitLocker To Go, whose boot sector is that of a FAT volume. */
const TO_GO = '4967d63b-2e29-4ad8-8399-f6a339e3d001';

/**
 * BitLocker: "-FVE-FS-" in place of the file system's name at 3 (libbde, "BitLocker Drive
 * Encryption (BDE) format", volume header); BitLocker To Go has its identifier at 424.
 */
export const recogniseBitLocker: Recognise = async (head) => {
  const toGo = head.has(3, 'MSWIN4.1') && head.guid(424) === TO_GO;
  if (!head.has(3, '-FVE-FS-') && !toGo) return undefined;
  const name = toGo ? 'BitLocker To Go' : 'BitLocker';
  return { ...UNKNOWN, kind: 'bitlocker', name, encrypted: true };
};

/**
 * LUKS on-disk format, versions 1 and 2: "LUKS" BA BE, version at 6 (big-endian), UUID as text at
 * 168; version 2 has a label at 24.
 */
export const recogniseLuks: Recognise = async (head) => {
  if (!head.has(0, 'LUKS\xba\xbe')) return undefined;
  const version = head.be16(6);
  return {
    ...UNKNOWN,
    kind: 'luks',
    name: `LUKS ${version}`,
    label: version === 2 ? utf8Label(head.slice(24, 48)) : null,
    id: labelText(head.ascii(168, 40)),
    encrypted: true,
  };
};
