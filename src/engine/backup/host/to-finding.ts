import type { Finding } from './host.ts';

/** An error as a finding. */
export function toFinding(error: Error & { readonly code?: string }, prefix = ''): Finding {
  return {
    code: error.code ?? 'point.damaged',
    severity: 'error',
    message: prefix + error.message,
  };
}
