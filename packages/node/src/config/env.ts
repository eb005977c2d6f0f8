/** The environment of the process. Nothing else reads it. */
export function environment(): Readonly<Record<string, string | undefined>> {
  // biome-ignore lint/style/noProcessEnv: the one place
  return process.env
}
