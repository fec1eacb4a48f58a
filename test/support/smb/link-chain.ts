import { alignTo8 } from '../../../src/engine/net/smb/codec/protocol/body.ts';

const NEXT_COMMAND_OFFSET = 20;

/**
 * Prepares messages for one frame: pads all but the last to eight bytes and sets their
 * NextCommand. They are signed afterwards, one by one, and then concatenated.
 */
export function linkChain(messages: readonly Buffer[]): Buffer[] {
  return messages.map((message, at) => {
    if (at === messages.length - 1) return message;
    const padded = Buffer.concat([
      message,
      Buffer.alloc(alignTo8(message.length) - message.length),
    ]);
    padded.writeUInt32LE(padded.length, NEXT_COMMAND_OFFSET);
    return padded;
  });
}
