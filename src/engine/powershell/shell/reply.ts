import { powershellError } from '../contract/powershell-errors.ts';
import { callError, type ShellFailure } from './call-error.ts';

/**
 * Returns the value of an answer: the last line of the output, since modules may write banners and
 * warnings before it. Throws the error that the answer holds, `powershell.answer` for
 * other text.
 */
export function readReply(output: string, doing: string): unknown {
  const reply = parseReply(output);
  if (reply === undefined) {
    const found = lastLine(output).slice(0, 200);
    throw powershellError(
      'powershell.answer',
      `PowerShell answered ${doing} with “${found}” instead of Base64 of JSON`,
      { data: { doing, found } },
    );
  }
  if (reply.error !== undefined) throw callError(reply.error, doing);
  return reply.value;
}

const lastLine = (output: string): string => output.trimEnd().split(/\r?\n/).at(-1) ?? '';

/** Decodes an answer; undefined for other text. */
export function parseReply(
  output: string,
): { readonly value?: unknown; readonly error?: ShellFailure } | undefined {
  const line = lastLine(output);
  if (!/^[A-Za-z0-9+/]+=*$/.test(line)) return undefined;
  try {
    const reply: unknown = JSON.parse(Buffer.from(line, 'base64').toString('utf8'));
    return typeof reply === 'object' && reply !== null ? reply : undefined;
  } catch {
    return undefined;
  }
}
