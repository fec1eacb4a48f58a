import type { OperationContext } from '../../operations/context/operation-context.ts';
import { userFolder } from '../../source/platform/user-folder.ts';
import type { Context } from '../contract/command.ts';

/** Returns the context that a command passes to the operations. */
export const operationContext = ({ io, log, progress }: Context): OperationContext => ({
  home: userFolder(io.env),
  log,
  progress,
});
