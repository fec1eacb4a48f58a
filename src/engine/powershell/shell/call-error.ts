import { hresultText } from '../../base/words/hresult-text.ts';
import type { CimErrorKind } from '../../cim/cim-errors.ts';
import { WINRM_NUMBERS } from '../../cim/winrm-numbers.ts';
import { facilityWords, WMI_NUMBERS, type WmiMeaning } from '../../cim/wmi-numbers.ts';
import { callFailure, powershellError } from '../contract/powershell-errors.ts';

/** An error as the scripts send it (`scripts/prologue.ts`). */
export interface ShellFailure {
  readonly message?: unknown;
  readonly id?: unknown;
  readonly number?: unknown;
}

/** Meaning of a failed call. */
interface Outcome {
  readonly meaning: WmiMeaning | 'other';
  /** undefined: the kind of the meaning. */
  readonly kind?: CimErrorKind;
  readonly words: string;
}

/** Maximum length of a text that the shell sends as an error. */
const MAX_TEXT = 2000;

/**
 * Error IDs of an execution policy that refuses a file of a module, and of a module that cannot be
 * loaded (about_Execution_Policies). That Windows refuses the CIM cmdlets so is UNCONFIRMED.
 */
const POLICY_IDS = ['UnauthorizedAccess', 'CouldNotAutoloadMatchingModule'];

const other = (kind: CimErrorKind, words: string): Outcome => ({ meaning: 'other', kind, words });

/** Numbers of a client whose connection failed (winhttp.h, winerror.h, wsmerror.h). */
const CONNECTIONS: ReadonlyMap<number, Outcome> = new Map([
  [0x80072ee2, other('timedOut', 'the connection timed out')],
  [0x800705b4, other('timedOut', 'Windows did not finish within its time limit')],
  [0x80072ee7, other('unreachable', 'the name of the host is not known')],
  [0x80072efd, other('unreachable', 'the host does not accept a connection')],
  [0x80072efe, other('noAnswer', 'the connection ended')],
  [0x80072eff, other('noAnswer', 'the connection was reset')],
  [0x80072f78, other('noAnswer', 'the answer is not HTTP')],
  // A client says so too if it cannot connect; nothing proves that an object is gone.
  [0x80338012, other('noAnswer', 'no instance has exactly these keys, or the connection failed')],
]);

/**
 * Returns the error of a failed call. Decides by the number alone, since texts are in the language of
 * the host. A call that was not refused for certain may have been carried out.
 */
export function callError({ message, id, number: hex }: ShellFailure, doing: string): Error {
  const text = textOf(message);
  if (String(id).startsWith('CommandNotFoundException')) {
    return powershellError(
      'powershell.missing',
      `This PowerShell does not have the CIM cmdlets, with which Refpoint asks Hyper-V: ${text}`,
    );
  }
  if (POLICY_IDS.some((each) => String(id).startsWith(each))) {
    return powershellError(
      'powershell.locked',
      `A policy of this computer, such as the execution policy, does not let PowerShell load the CIM cmdlets, with which Refpoint asks Hyper-V: ${text}`,
    );
  }
  const number = /^0x[0-9a-f]{8}$/i.test(String(hex)) ? Number(hex) : 0;
  const { meaning, kind, words } = outcomeOf(number, textOf(id));
  const failed = kind === undefined ? `The host refused ${doing}` : `${doing} failed`;
  const said = text === '' ? '' : `. PowerShell says: ${text}`;
  const shown = number === 0 ? '' : ` (${hresultText(number)})`;
  const data = { number, id: textOf(id), text, doing };
  const code = `powershell.fault.${meaning}` as const;
  return callFailure(code, kind, { message: `${failed}: ${words}${shown}${said}`, data });
}

function outcomeOf(number: number, id: string): Outcome {
  const outcome = CONNECTIONS.get(number) ?? WMI_NUMBERS.get(number) ?? winrmOutcome(number);
  if (outcome !== undefined) return outcome;
  // Errors of the cmdlets have such an ID. Another one is of a script, before the call or after it.
  const isAnswer = /^(?:HRESULT 0x|MI RESULT )/i.test(id);
  const words = facilityWords(number) ?? 'PowerShell reports an error';
  return isAnswer ? { meaning: 'other', words } : other('noAnswer', words);
}

function winrmOutcome(number: number): Outcome | undefined {
  const { meaning, words } = WINRM_NUMBERS.get(number) ?? {};
  if (meaning === undefined || words === undefined) return undefined;
  if (meaning === 'envelopeTooLarge') return other('tooLarge', words);
  if (meaning === 'quota') return { meaning: 'busy', words };
  return { meaning: meaning === 'invalidContext' ? 'other' : meaning, words };
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value.slice(0, MAX_TEXT) : '';
