import * as vscode from 'vscode';
import type { NextStep } from '../errors/areas/next-step.ts';
import { presentError } from '../errors/present-error.ts';
import type { MessageNode } from '../nodes/nodes.ts';
import type { Row } from './row.ts';

/** A row that says in a tree what went wrong below `parent`; a click does what helps. */
export function errorNode<Parent extends { readonly id: string }>(
  parent: Parent,
  error: unknown,
): MessageNode<Parent> {
  const { sentence, text, next } = presentError(error, parent);
  return {
    kind: 'message',
    id: `${parent.id}/problem`,
    parent,
    text: sentence,
    detail: text,
    severity: 'warning',
    next: next[0] ?? null,
  };
}

/**
 * A row that asks for a click.
 *
 * @param more what its tooltip says besides
 */
export function stepNode<Parent extends { readonly id: string }>(
  parent: Parent,
  text: string,
  next: NextStep,
  more = '',
): MessageNode<Parent> {
  return {
    kind: 'message',
    id: `${parent.id}/next`,
    parent,
    text,
    detail: more === '' ? text : `${text}. ${more}`,
    severity: 'info',
    next,
  };
}

const COLORS = {
  info: undefined,
  warning: 'list.warningForeground',
  error: 'list.errorForeground',
} as const;

export function presentMessage(node: MessageNode): Row {
  const { id, text, detail, severity, next, parent } = node;
  const { t } = vscode.l10n;
  const color = COLORS[severity];
  const click = next === null ? '' : t('Click: {0}', next.title);
  return {
    id,
    label: text,
    facts: [detail, click],
    icon: severity,
    ...(color === undefined ? {} : { color }),
    context: ['message'],
    children: 'none',
    spoken: [text, next?.title ?? ''].filter(Boolean).join(', '),
    ...(next === null
      ? {}
      : { command: { ...next, arguments: [parent, ...next.args], tooltip: next.title } }),
  };
}
