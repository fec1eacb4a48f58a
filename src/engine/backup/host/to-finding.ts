import type { ErrorCode } from '../../api/codes.ts';
import type { Finding } from '../../api/host.ts';

/** Converts an error to a finding. */
export function toFinding(error: Error & { readonly code?: ErrorCode }, prefix = ''): Finding {
  return {
    code: error.code ?? 'point.damaged',
    severity: 'error',
    message: prefix + error.message,
  };
}
