import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../../src/engine/base/errors.ts';
import { listFolder } from '../../../../../src/engine/net/smb/client/files/list-folder.ts';
import { readFile } from '../../../../../src/engine/net/smb/client/files/read-file.ts';
import { statFile } from '../../../../../src/engine/net/smb/client/files/share-files.ts';
import type { SmbConnection } from '../../../../../src/engine/net/smb/client/connection/smb-connection.ts';
import { validateNegotiation } from '../../../../../src/engine/net/smb/client/session/validate.ts';
import type { SmbTree } from '../../../../../src/engine/net/smb/client/session/smb-tree.ts';
import { createContextAnswers } from '../../../../../src/engine/net/smb/codec/files/create-context-kinds.ts';
import { CLOSE } from '../../../../../src/engine/net/smb/codec/files/close.ts';
import { CREATE } from '../../../../../src/engine/net/smb/codec/files/create.ts';
import { NO_FACTS } from '../../../../../src/engine/net/smb/codec/files/file-facts.ts';
import { IOCTL } from '../../../../../src/engine/net/smb/codec/files/ioctl.ts';
import { READ } from '../../../../../src/engine/net/smb/codec/files/read.ts';
import {
  COMMAND,
  UNSOLICITED,
} from '../../../../../src/engine/net/smb/codec/protocol/constants.ts';
import { encodeEmpty } from '../../../../../src/engine/net/smb/codec/protocol/empty-body.ts';
import { emptyError } from '../../../../../src/engine/net/smb/codec/protocol/error-body.ts';
import { encodeEntry } from '../../../../support/smb/encode-entry.ts';
import { QUERY_DIRECTORY } from '../../../../../src/engine/net/smb/codec/queries/query-directory.ts';
import { VALIDATE_NEGOTIATE } from '../../../../../src/engine/net/smb/codec/session/validate-negotiate.ts';
import { STATUS } from '../../../../../src/engine/net/smb/status/nt-status.ts';
import {
  AnsweringPeer,
  NEGOTIATION,
  type AnswerRequest,
} from '../../../../support/smb/answering-peer.ts';
import { mutate, random } from '../../../../support/smb/mutate.ts';

/** Mutated messages; long runs set more. */
const ROUNDS = Number(process.env['REFPOINT_SMB_MUTATIONS'] ?? 800);
const SEED = Number(process.env['REFPOINT_SMB_SEED'] ?? 1);
/** Processor time that nothing may exceed, in milliseconds: the machine may be busy. */
const SLOWEST = 1000;
/** Time that a request waits, in milliseconds; it must not run out. */
const DEADLINE = 20_000;
const BYTES = 3000;

const fileId = { persistent: 1n, volatile: 2n };
const facts = { ...NO_FACTS, endOfFile: BYTES, attributes: 0x80 };
const entries = Buffer.concat(
  ['.', '..', 'disk.vhdx', 'other'].map((name, at) =>
    encodeEntry({ name, facts, id: BigInt(at) }, at === 3),
  ),
);

const VALIDATED = VALIDATE_NEGOTIATE.encodeOutput(NEGOTIATION);

/** Answers as an honest server. */
const honest: AnswerRequest = ({ command, messageId }, message, reply) => {
  switch (command) {
    case COMMAND.create: {
      const id = Buffer.alloc(32, 1);
      const contexts = [
        createContextAnswers.maximalAccess({ status: 0, access: 0x1f_01ff }),
        createContextAnswers.diskId(id.subarray(0, 16)),
      ];
      const body = { oplock: 0, flags: 0, action: 1, facts, fileId, contexts };
      return [reply(CREATE.encodeResponse(body))];
    }
    case COMMAND.close:
      return [reply(CLOSE.encodeResponse({ flags: 0, facts: NO_FACTS }))];
    case COMMAND.read: {
      const { length } = READ.decodeRequest(message);
      return [reply(READ.encodeResponse({ data: Buffer.alloc(Math.min(length, BYTES), 5) }))];
    }
    case COMMAND.queryDirectory:
      if (messageId % 2n === 1n) {
        return [reply(emptyError(), { status: STATUS.noMoreFiles })];
      }
      return [reply(QUERY_DIRECTORY.encodeResponse({ output: entries }))];
    case COMMAND.ioctl:
      return [reply(IOCTL.encodeResponse({ code: 0x0014_0204, fileId, output: VALIDATED }))];
    default:
      return [reply(encodeEmpty())];
  }
};

/** Work of the client, each of which asks for other answers. */
const WORK: readonly ((tree: SmbTree) => Promise<unknown>)[] = [
  (tree) => statFile(tree, 'disk.vhdx', never),
  (tree) => readFile(tree, fileId, 'disk.vhdx', 0, Buffer.alloc(BYTES), never),
  (tree) => listFolder(tree, '', never),
  (tree) =>
    validateNegotiation(tree.session.connection, (request) => tree.request(IOCTL, request, never)),
];

test('an answer that was changed inside of valid encryption is taken, or rejected with a code', async (t) => {
  const next = random(SEED);
  const count = { mutated: 0 };
  const answer: AnswerRequest = (request, message, reply) => {
    const usual = honest(request, message, reply);
    return usual.flatMap((each) => {
      if (next(3) !== 0) return [each];
      count.mutated++;
      const changed = mutate(each, next);
      // The usual answer follows a changed one that does not end the request.
      return isNoAnswer(changed) ? [changed, each] : [changed];
    });
  };
  const peer = await AnsweringPeer.start(answer);
  t.after(() => peer.close());
  let tree: SmbTree | undefined;
  let [rejected, slowest, most] = [0, 0, 0];
  const connectionOf = (): SmbConnection | undefined => tree?.session.connection;
  for (let round = 0; count.mutated < ROUNDS; round++) {
    const began = process.cpuUsage();
    try {
      if (tree === undefined || connectionOf()?.ended !== undefined) {
        tree = await peer.connect(never, DEADLINE);
      }
      await (WORK[round % WORK.length] as (typeof WORK)[number])(tree);
    } catch (error) {
      rejected++;
      const isCoded =
        error instanceof Error &&
        isEngineError(error) &&
        error.code.startsWith('smb.') &&
        error.code !== 'smb.timeout';
      assert.ok(isCoded, `${String(error)}: seed ${SEED}, round ${round}`);
    }
    const { user, system } = process.cpuUsage(began);
    slowest = Math.max(slowest, (user + system) / 1000);
    if (round % 256 === 0) most = Math.max(most, process.memoryUsage().arrayBuffers);
  }
  connectionOf()?.close();
  t.diagnostic(
    `${count.mutated} changed answers, seed ${SEED}: ${rejected} rejected, slowest ${Math.round(slowest)} ms, ${Math.round(most / 2 ** 20)} MiB of buffers`,
  );
  assert.ok(rejected > count.mutated / 20, `only ${rejected} of ${count.mutated} were rejected`);
  assert.ok(slowest < SLOWEST, `one took ${slowest} ms`);
  assert.ok(most < 64 * 2 ** 20, `${most} bytes of buffers`);
});

/** Whether a message leaves its request waiting: an interim response, or one that nobody asked for. */
function isNoAnswer(message: Buffer): boolean {
  if (message.length < 64) return false;
  const isInterim = message.readUInt32LE(8) === STATUS.pending && (message[16] ?? 0) >= 2;
  return isInterim || message.readBigUInt64LE(24) === UNSOLICITED;
}
