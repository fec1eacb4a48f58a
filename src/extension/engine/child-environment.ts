/** Names that stand in for a host and its login in terminals. A child process must not have them: each request carries its target. */
const OF_TERMINALS = ['REFPOINT_HOST', 'REFPOINT_USER', 'REFPOINT_PASSWORD'];

/** The environment of a process that the extension starts with its own program: Node, or Electron that behaves like it. */
export function childEnvironment(extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !OF_TERMINALS.includes(name));
  return { ...Object.fromEntries(own), ...extra, ELECTRON_RUN_AS_NODE: '1' };
}
