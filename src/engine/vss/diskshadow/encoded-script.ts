import { deflateRawSync } from 'node:zlib';
import { vssError } from '../vss-errors.ts';
import { RUN_SCRIPT } from './run-script.ts';

/** Longest command line that cmd.exe accepts, in which a remote shell runs it. */
const MAX_LINE = 8191;

/** Options of PowerShell: no profile and no questions. The script follows, encoded. */
export const POWERSHELL_OPTIONS = [
  '-NoLogo',
  '-NoProfile',
  '-NonInteractive',
  '-ExecutionPolicy',
  'Bypass',
];

/**
 * Unpacks the script and its data: both are too long for one command line as they are. It names no command of a module: loading
 * those costs PowerShell a third of its start.
 */
const UNPACK = `$ErrorActionPreference='Stop';$ProgressPreference='SilentlyContinue'
function n($t,$a){[Activator]::CreateInstance($t,[object[]]$a)}
function u($t){$m=n ([IO.MemoryStream]) @(,[Convert]::FromBase64String($t))
$s=n ([IO.Compression.DeflateStream]) @($m,[IO.Compression.CompressionMode]::Decompress)
(n ([IO.StreamReader]) @($s,[Text.Encoding]::UTF8)).ReadToEnd()}
$in=(u $data).Split([char]10)
. ([scriptblock]::Create((u $text)))`;

/**
 * Encodes script and data for PowerShell's -EncodedCommand. Both are Base64 in it, so that no value
 * can be part of the program. Throws `vss.diskshadow` if the command line is too long.
 * @param data lines, which the script finds in the list `$in`; none has a line end
 */
export function encodedScript(data: readonly string[]): string {
  const packed = `$data='${pack(data.join('\n'))}'\n$text='${pack(RUN_SCRIPT)}'\n${UNPACK}`;
  const encoded = Buffer.from(packed, 'utf16le').toString('base64');
  const length = encoded.length + POWERSHELL_OPTIONS.join(' ').length + 40;
  if (length <= MAX_LINE) return encoded;
  throw vssError('vss.diskshadow', `The script has too many volumes for one command line`, {
    data: { found: length, expected: MAX_LINE },
  });
}

const pack = (text: string): string =>
  deflateRawSync(Buffer.from(text, 'utf8'), { level: 9 }).toString('base64');
