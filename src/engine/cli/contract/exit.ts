/** Exit statuses of the command. */
export const EXIT = { done: 0, no: 1, usage: 2, failed: 3, interrupted: 130 } as const;
