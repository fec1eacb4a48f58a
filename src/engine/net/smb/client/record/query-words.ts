import { CHANGE_NOTIFY } from '../../codec/queries/change-notify.ts';
import { decodeEntries } from '../../codec/queries/directory-entries.ts';
import {
  DIRECTORY_CLASS,
  DIRECTORY_FLAG,
  QUERY_DIRECTORY,
} from '../../codec/queries/query-directory.ts';
import {
  FILE_CLASS,
  FILE_SYSTEM_CLASS,
  INFO_TYPE,
  QUERY_INFO,
} from '../../codec/queries/query-info.ts';
import { SET_INFO } from '../../codec/queries/set-info.ts';
import { LOCK } from '../../codec/files/lock.ts';
import { joined } from '../wire/pieces.ts';
import { removed, type CommandWords } from './command-words.ts';
import { bits, hex, named } from './fact-lines.ts';
import { fileOf } from './file-words.ts';

/** Maximum number of names of a folder in the words of one answer. */
const MAX_ENTRIES = 100;

export const queryDirectoryWords: CommandWords = (message, names) => {
  const { fileId, pattern, infoClass, flags } = QUERY_DIRECTORY.decodeRequest(message);
  const { short, fact } = fileOf(fileId, names);
  return {
    about: `${short}: ${pattern}`,
    facts: [
      fact,
      ['pattern', pattern],
      ['class', named(infoClass, DIRECTORY_CLASS)],
      ['flags', bits(flags, DIRECTORY_FLAG)],
    ],
    answered: ({ pieces }) => {
      const { output } = QUERY_DIRECTORY.decodeResponse(joined(pieces));
      if (infoClass !== DIRECTORY_CLASS.idBoth) return [['output', removed(output.length)]];
      const found = decodeEntries(output);
      const shown = found.slice(0, MAX_ENTRIES).map(({ name }) => name);
      return [
        ['entries', String(found.length)],
        ['names', [...shown, ...(found.length > MAX_ENTRIES ? ['…'] : [])].join(', ')],
      ];
    },
  };
};

/** Kind and class of information in words. */
function infoName(type: number, infoClass: number): string {
  const classes =
    type === INFO_TYPE.file
      ? FILE_CLASS
      : type === INFO_TYPE.fileSystem
        ? FILE_SYSTEM_CLASS
        : undefined;
  const kind = named(type, INFO_TYPE);
  return classes === undefined ? kind : `${kind} ${named(infoClass, classes)}`;
}

export const queryInfoWords: CommandWords = (message, names) => {
  const { fileId, infoType, infoClass } = QUERY_INFO.decodeRequest(message);
  const { short, fact } = fileOf(fileId, names);
  const info = infoName(infoType, infoClass);
  return {
    about: `${short}: ${info}`,
    facts: [fact, ['information', info]],
    answered: ({ pieces }) => [
      ['output', removed(QUERY_INFO.decodeResponse(joined(pieces)).output.length)],
    ],
  };
};

export const setInfoWords: CommandWords = (message, names) => {
  const { fileId, infoType, infoClass, input } = SET_INFO.decodeRequest(message);
  const { short, fact } = fileOf(fileId, names);
  const info = infoName(infoType, infoClass);
  return {
    about: `${short}: ${info}`,
    changes: true,
    facts: [fact, ['information', info], ['input', removed(input.length)]],
  };
};

export const changeNotifyWords: CommandWords = (message, names) => {
  const { fileId, filter } = CHANGE_NOTIFY.decodeRequest(message);
  const { short, fact } = fileOf(fileId, names);
  return { about: short, facts: [fact, ['filter', hex(filter)]] };
};

export const lockWords: CommandWords = (message, names) => {
  const { fileId, locks } = LOCK.decodeRequest(message);
  const { short, fact } = fileOf(fileId, names);
  const ranges = locks.map(({ offset, length }) => `${length} bytes at ${offset}`);
  return { about: short, facts: [fact, ['ranges', ranges.join(', ')]] };
};
