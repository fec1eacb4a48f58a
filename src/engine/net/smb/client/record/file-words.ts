import { CLOSE } from '../../codec/files/close.ts';
import { CREATE } from '../../codec/files/create.ts';
import { FLUSH } from '../../codec/files/flush.ts';
import { FSCTL, IOCTL } from '../../codec/files/ioctl.ts';
import { decodeReadHead, READ, READ_DATA_OFFSET } from '../../codec/files/read.ts';
import { WRITE } from '../../codec/files/write.ts';
import {
  ACCESS,
  ATTRIBUTE,
  CREATE_ACTION,
  CREATE_OPTION,
  DISPOSITION,
  OPLOCK,
  SHARE_ACCESS,
} from '../../codec/protocol/constants.ts';
import type { FileId } from '../../codec/protocol/file-id.ts';
import { headOf, joined, lengthOf } from '../wire/pieces.ts';
import { removed, type CommandWords } from './command-words.ts';
import { bits, hex, named, type Fact } from './fact-lines.ts';
import type { KnownNames } from './known-names.ts';

const ROOT = '(root of the share)';
const { all: _, ...SHARED } = SHARE_ACCESS;

/** Returns the open file of a request for its line, and as a fact. */
export function fileOf(id: FileId, names: KnownNames): { short: string; fact: Fact } {
  const name = names.file(id);
  const text = name === '' ? ROOT : (name ?? hex(id.volatile));
  return { short: text.slice(text.lastIndexOf('\\') + 1), fact: ['file', text] };
}

export const createWords: CommandWords = (message, names) => {
  const request = CREATE.decodeRequest(message);
  const text = request.name === '' ? ROOT : request.name;
  const removes = (request.options & CREATE_OPTION.deleteOnClose) !== 0;
  return {
    about: text.slice(text.lastIndexOf('\\') + 1),
    changes: removes || request.disposition !== DISPOSITION.open,
    facts: [
      ['file', text],
      ['access', bits(request.access, ACCESS)],
      ['shares', bits(request.shareAccess, SHARED)],
      ['disposition', named(request.disposition, DISPOSITION)],
      ['options', bits(request.options, CREATE_OPTION)],
      ['oplock', named(request.oplock, OPLOCK)],
      ['contexts', contextNames(request.contexts)],
    ],
    answered: ({ pieces }) => {
      const { action, facts, fileId, contexts } = CREATE.decodeResponse(joined(pieces));
      names.addFile(fileId, request.name);
      return [
        ['action', named(action, CREATE_ACTION)],
        ['size', `${facts.endOfFile} bytes`],
        ['attributes', bits(facts.attributes, ATTRIBUTE)],
        ['contexts', contextNames(contexts)],
      ];
    },
  };
};

const contextNames = (contexts: readonly { readonly name: string }[]): string =>
  contexts.length === 0
    ? 'none'
    : contexts.map(({ name }) => (/^\w{4}$/.test(name) ? name : `a GUID`)).join(', ');

export const closeWords: CommandWords = (message, names) => {
  const { fileId } = CLOSE.decodeRequest(message);
  const { short, fact } = fileOf(fileId, names);
  return {
    about: short,
    facts: [fact],
    answered: () => {
      names.removeFile(fileId);
      return [];
    },
  };
};

export const flushWords: CommandWords = (message, names) => {
  const { short, fact } = fileOf(FLUSH.decodeRequest(message).fileId, names);
  return { about: short, facts: [fact] };
};

export const readWords: CommandWords = (message, names) => {
  const { fileId, offset, length } = READ.decodeRequest(message);
  const { short, fact } = fileOf(fileId, names);
  return {
    about: `${short}: ${length} bytes at ${offset}`,
    facts: [fact, ['offset', String(offset)], ['length', `${length} bytes`]],
    answered: ({ pieces }) => {
      const data = decodeReadHead(headOf(pieces, READ_DATA_OFFSET), lengthOf(pieces));
      return [['data', removed(data.length)]];
    },
  };
};

export const writeWords: CommandWords = (message, names) => {
  const { fileId, offset, data } = WRITE.decodeRequest(message);
  const { short, fact } = fileOf(fileId, names);
  return {
    about: `${short}: ${data.length} bytes at ${offset}`,
    changes: true,
    facts: [fact, ['offset', String(offset)], ['data', removed(data.length)]],
    answered: ({ pieces }) => [['written', `${WRITE.decodeResponse(joined(pieces)).count} bytes`]],
  };
};

const CHANGING: readonly number[] = [FSCTL.setSparse, FSCTL.setZeroData];

export const ioctlWords: CommandWords = (message, names) => {
  const { code, fileId, input, maxOutputResponse } = IOCTL.decodeRequest(message);
  const control = named(code, FSCTL);
  const isWhole = code === FSCTL.validateNegotiateInfo;
  return {
    about: control,
    changes: CHANGING.includes(code),
    facts: [
      ['control', control],
      ...(isWhole ? [] : [fileOf(fileId, names).fact]),
      ['input', removed(input.length)],
      ['maximum of the output', `${maxOutputResponse} bytes`],
    ],
    answered: ({ pieces }) => [
      ['output', removed(IOCTL.decodeResponse(joined(pieces)).output.length)],
    ],
  };
};
