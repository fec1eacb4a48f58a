import { never } from '../../../../base/abort.ts';
import { CLOSE, CLOSE_WITH_FACTS } from '../../../../net/smb/codec/files/close.ts';
import { NO_FACTS } from '../../../../net/smb/codec/files/file-facts.ts';
import { factsOf } from '../../files/file-times.ts';
import { statsOfOpen } from '../../files/stats-of-open.ts';
import type { Handler } from '../contract/request.ts';

export const close: Handler = async ({ message, openOf, session, server }) => {
  const { flags, fileId } = CLOSE.decodeRequest(message);
  const open = openOf(fileId);
  const asked = (flags & CLOSE_WITH_FACTS) !== 0;
  const stats = asked ? await statsOfOpen(open, server.volume).catch(() => undefined) : undefined;
  session.removeOpen(open);
  // Not cancelled with the connection: the handle is forgotten already.
  await session.turn.run(() => server.volume.close(open), never);
  const body =
    stats === undefined
      ? CLOSE.encodeResponse({ flags: 0, facts: NO_FACTS })
      : CLOSE.encodeResponse({ flags: CLOSE_WITH_FACTS, facts: factsOf(stats) });
  return { body: [body], fileId };
};
