import { facilityWords, WMI_NUMBERS } from '../../cim/wmi-numbers.ts';
import { powershellError } from '../contract/powershell-errors.ts';

/** Maximum length of a text that the shell sends as an error. */
const MAX_TEXT = 2000;

/**
 * Returns the value of an answer: the last line of the output, since modules may write banners and
 * warnings before it. Throws the error that the answer holds, `powershell.answer` for
 * other text.
 */
export function readReply(output: string, doing: string): unknown {
  const line = output.trimEnd().split(/\r?\n/).at(-1) ?? '';
  const reply = parse(line);
  if (reply === undefined) {
    const found = line.slice(0, 200);
    throw powershellError(
      'powershell.answer',
      `PowerShell answered ${doing} with “${found}” instead of Base64 of JSON`,
      { data: { doing, found } },
    );
  }
  if (reply.error !== undefined) throw callError(reply.error, doing);
  return reply.value;
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value.slice(0, MAX_TEXT) : '';

interface Failure {
  readonly message?: unknown;
  readonly id?: unknown;
  readonly number?: unknown;
}

function parse(line: string): { readonly value?: unknown; readonly error?: Failure } | undefined {
  if (!/^[A-Za-z0-9+/]+=*$/.test(line)) return undefined;
  try {
    const reply: unknown = JSON.parse(Buffer.from(line, 'base64').toString('utf8'));
    return typeof reply === 'object' && reply !== null ? reply : undefined;
  } catch {
    return undefined;
  }
}

/** Decides by the number alone: texts are in the language of the host. */
function callError({ message, id, number: hex }: Failure, doing: string): Error {
  if (String(id).startsWith('CommandNotFoundException')) {
    throw powershellError(
      'powershell.missing',
      `This PowerShell does not have the CIM cmdlets, with which Refpoint asks Hyper-V: ${textOf(message)}`,
    );
  }
  const number = /^0x[0-9a-f]{8}$/i.test(String(hex)) ? Number(hex) : 0;
  const text = textOf(message);
  const known = WMI_NUMBERS.get(number);
  const code = `powershell.fault.${known?.meaning ?? 'other'}` as const;
  const words = known?.words ?? facilityWords(number) ?? 'PowerShell reports an error';
  const said = text === '' ? '' : `. PowerShell says: ${text}`;
  const shown = number === 0 ? '' : ` (0x${number.toString(16).toUpperCase().padStart(8, '0')})`;
  return powershellError(code, `The host refused ${doing}: ${words}${shown}${said}`, {
    data: { number, id: textOf(id), text, doing },
  });
}
