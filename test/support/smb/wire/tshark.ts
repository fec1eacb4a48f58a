import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Key of a session, by which tshark opens what is encrypted. */
export interface KnownKey {
  /** 8 bytes as they are sent. */
  readonly sessionId: Buffer;
  readonly sessionKey: Buffer;
}

/** A message as tshark sees it: the values of each field in their order. Numbers are decimal. */
export type SeenMessage = ReadonlyMap<string, readonly string[]>;

export interface Dissected {
  /** Messages in the order of the file, decrypted; those of a compound one by one. */
  readonly messages: readonly SeenMessage[];
  /** Numbers of packets that tshark calls malformed. */
  readonly malformed: readonly number[];
  /** Frames that it could not decrypt. */
  readonly sealed: number;
}

type Layer = Readonly<Record<string, unknown>>;

/**
 * Fields below these are other views of a field, or payloads that other codecs read; a header of the
 * file's name repeats what an earlier packet had.
 */
const SKIPPED =
  /^(?!smb2\.find\.info_blob).*_tree$|^smb2\.(?:ioctl\.(?:in|out)|create\.chain_data|file_|fs_|sec_info)|^rsvd/;

/**
 * Has tshark dissect a file of `writePcap`.
 * @param password of accounts that log in with NTLM: opens sessions whose keys are not known
 */
export async function dissect(
  program: string,
  path: string,
  keys: readonly KnownKey[] = [],
  password = '',
): Promise<Dissected> {
  const known = keys.flatMap(({ sessionId, sessionKey }) => {
    const entry = `${sessionId.toString('hex')},${sessionKey.toString('hex')},"",""`;
    return ['-o', `uat:smb2_seskey_list:${entry}`];
  });
  if (password !== '') known.push('-o', `ntlmssp.nt_password:${password}`);
  const format = ['-T', 'json', '--no-duplicate-keys', '-J', 'smb2 _ws.malformed'];
  const { stdout } = await promisify(execFile)(program, ['-r', path, ...known, ...format], {
    maxBuffer: 2 ** 28,
  });
  const packets = JSON.parse(stdout) as readonly { readonly _source: { readonly layers: Layer } }[];
  const messages: SeenMessage[] = [];
  const malformed: number[] = [];
  let sealed = 0;
  const collect = (layer: unknown): void => {
    for (const each of listOf(layer) as Layer[]) {
      if (each['SMB2 Header'] !== undefined) messages.push(fieldsOf(each));
      if (each['SMB2 Transform Header'] === undefined) continue;
      const { smb2 } = (each['Encrypted SMB3 data'] ?? {}) as Layer;
      if (smb2 === undefined) sealed++;
      else collect(smb2);
    }
  };
  for (const [at, { _source }] of packets.entries()) {
    const { layers } = _source;
    if (JSON.stringify(layers).includes('_ws.malformed')) malformed.push(at + 1);
    if (layers['smb2'] !== undefined) collect(layers['smb2']);
  }
  return { messages, malformed, sealed };
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

function fieldsOf(layer: Layer): SeenMessage {
  const fields = new Map<string, string[]>();
  const walk = (each: Layer): void => {
    for (const [name, value] of Object.entries(each)) {
      for (const one of listOf(value)) {
        const isField = /^smb2?\./.test(name);
        if (typeof one === 'object' && one !== null) {
          if (!SKIPPED.test(name)) walk(one as Layer);
        } else if (isField && typeof one === 'string') {
          fields.set(name, [...(fields.get(name) ?? []), normal(one)]);
        }
      }
    }
  };
  walk(layer);
  return fields;
}

const normal = (text: string): string =>
  /^(?:0x[0-9a-f]+|\d+)$/.test(text) ? BigInt(text).toString() : text;
