/** esbuild bundles them beside the script. */
declare module '*.css';
